// A row of the table of settings. Flags, variables, the settings file, the help texts and
// docs/configuration.md all come from the rows, so that none can know a setting another does not.

/// What a setting's text has to look like.
package enum SettingKind: Equatable, Sendable {
    /// `HOST:PORT` with a numeric host.
    case listenAddress
    case path
    /// `http://HOST:PORT`.
    case url
    case count(ClosedRange<Int>)
    case size(ClosedRange<Int>)
    case duration(ClosedRange<Duration>)
    case choice([String])
    case flag
    /// `*`, or origins separated by commas.
    case origins
}

/// One setting: its name, what it takes and what it means.
package struct Setting: Equatable, Sendable {
    /// The flag without its dashes, which is also the name in the settings file.
    package let name: String
    package let kind: SettingKind
    /// The default, as a person would write it; empty for "not set".
    package let defaultText: String
    /// One line, for `--help`.
    package let help: String
    /// The rest of what there is to know, for the documentation.
    package let doc: String
    package let commands: [Command]
    /// Whether SIGHUP re-reads it from the settings file.
    package let isReread: Bool

    init(
        _ name: String, _ kind: SettingKind, default defaultText: String, _ help: String,
        doc: String, for commands: [Command] = [.serve], isReread: Bool = false
    ) {
        self.name = name
        self.kind = kind
        self.defaultText = defaultText
        self.help = help
        self.doc = doc
        self.commands = commands
        self.isReread = isReread
    }

    package var flag: String { "--\(name)" }

    /// `POSTHORN_MAX_BODY` for `max-body`.
    package var variable: String {
        var text = "POSTHORN_"
        for byte in name.utf8 {
            let isSmall = byte >= 0x61 && byte <= 0x7A
            let upper = byte == UInt8(ascii: "-") ? UInt8(ascii: "_") : isSmall ? byte - 32 : byte
            text.unicodeScalars.append(Unicode.Scalar(upper))
        }
        return text
    }

    /// The word for the value in a usage line; flags have none.
    package var placeholder: String? {
        switch kind {
        case .listenAddress: "HOST:PORT"
        case .path: "PATH"
        case .url: "URL"
        case .count: "N"
        case .size: "SIZE"
        case .duration: "TIME"
        case .choice(let choices): choices.joined(separator: "|")
        case .flag: nil
        case .origins: "ORIGINS"
        }
    }
}
