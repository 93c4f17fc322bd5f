// From the text of a setting to its value, by kind. This is the only place that reads values, so a
// flag, a variable and a line of the file mean the same.

internal import Bytes

/// The value of a setting of any kind.
package enum SettingValue: Equatable, Sendable {
    case address(ListenAddress)
    case text(String)
    case url(ServerURL)
    case count(Int)
    case size(Int)
    case duration(Duration)
    case flag(Bool)
    case list([String])
}

extension SettingKind {
    /// The value that `text` stands for, or nil if it is none of this kind.
    package func value(of text: String) -> SettingValue? {
        switch self {
        case .listenAddress: ListenAddress(text).map { .address($0) }
        case .path: text.isEmpty || text.utf8.contains(0) ? nil : .text(text)
        case .url: ServerURL(text).map { .url($0) }
        case .count(let range): decimal(text, in: range).map { .count($0) }
        case .size(let range): HumanSize.parse(text).flatMap { range ~= $0 ? .size($0) : nil }
        case .duration(let range):
            Duration(human: text).flatMap { range ~= $0 ? .duration($0) : nil }
        case .choice(let choices): choices.contains(text) ? .text(text) : nil
        case .flag: flag(text).map { .flag($0) }
        case .origins: origins(text).map { .list($0) }
        }
    }

    /// What would have been right, for a message.
    package var expectation: String {
        switch self {
        case .listenAddress: "HOST:PORT with a numeric host, such as 127.0.0.1:8080 or [::1]:8080"
        case .path: "a path"
        case .url: "http://HOST:PORT, such as http://127.0.0.1:8080"
        case .count(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
        case .size(let range):
            "a size from \(HumanSize.format(range.lowerBound)) to "
                + "\(HumanSize.format(range.upperBound)), such as 64KiB"
        case .duration(let range):
            "a time from \(range.lowerBound.human) to \(range.upperBound.human), "
                + "such as 250ms, 20s or 5m"
        case .choice(let choices): "one of " + choices.joined(separator: ", ")
        case .flag: "on or off"
        case .origins: "* or origins such as https://app.example.org, separated by commas"
        }
    }

    private func decimal(_ text: String, in range: ClosedRange<Int>) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy(\.isDigit), let number = Int(text) else {
            return nil
        }
        return range ~= number ? number : nil
    }

    private func flag(_ text: String) -> Bool? {
        switch text {
        case "on", "true": true
        case "off", "false": false
        default: nil
        }
    }

    private func origins(_ text: String) -> [String]? {
        if text.isEmpty { return [] }
        if text == "*" { return ["*"] }
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map(\.trimmed)
        return names.allSatisfy(\.isOrigin) ? names : nil
    }
}

extension StringProtocol {
    /// Without spaces and tabs at either end.
    var trimmed: String {
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        let front = drop(while: isBlank)
        return String(front.reversed().drop(while: isBlank).reversed())
    }
}

extension String {
    /// Whether a browser could send this in `Origin`: a scheme, a host in small letters, perhaps
    /// a port, and nothing behind it.
    fileprivate var isOrigin: Bool {
        guard let scheme = ["http://", "https://"].first(where: hasPrefix) else { return false }
        let authority = dropFirst(scheme.count)
        let (host, port) = authority.splitPort
        if let port, UInt16(port) == nil || port.utf8.count > 5 { return false }
        guard !host.isEmpty else { return false }
        if host.hasPrefix("[") { return ListenAddress("\(host):0") != nil }
        return host.utf8.allSatisfy { byte in
            byte.isDigit || (byte.isLetter && byte & 0x20 != 0)
                || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
        }
    }
}

extension Substring {
    fileprivate var splitPort: (host: Substring, port: Substring?) {
        guard let colon = lastIndex(of: ":"), !hasSuffix("]") else { return (self, nil) }
        return (self[..<colon], self[index(after: colon)...])
    }
}
