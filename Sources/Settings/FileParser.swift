internal import Bytes

extension RawSettings {
    /// Reads a settings file: lines of `name = value`, empty lines, and lines that start with `#`.
    ///
    /// A value is the rest of its line, without the blanks around it: there are no quotes, no
    /// escapes, and a `#` behind a value is part of it.
    package init(file bytes: [UInt8], path: String) throws(SettingsError) {
        self.init()
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .notText(file: path)
        }
        // A line feed counts by itself even behind a carriage return, which are one Character.
        let lines = text.utf8.split(separator: .lf, omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let text = line.last == .cr ? line.dropLast() : line
            try take(Substring(text).trimmed, .line(index + 1, file: path))
        }
    }

    private mutating func take(_ line: String, _ origin: SettingOrigin) throws(SettingsError) {
        if line.isEmpty || line.hasPrefix("#") { return }
        let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw .badLine(origin) }
        let name = parts[0].trimmed
        guard let setting = Setting.named(name) else {
            let nearest = nearestName(to: name, in: Setting.all.map(\.name))
            throw .unknownName(name, origin, nearest: nearest)
        }
        if setting == .config { throw .notInFile(setting, origin) }
        try set(setting, to: parts[1].trimmed, origin)
    }
}
