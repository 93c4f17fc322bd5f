internal import Bytes

/// `http://HOST:PORT` as a person writes it, of a server to be asked.
package struct ServerURL: Hashable, Sendable, CustomStringConvertible {
    /// A name or a numeric address, without brackets.
    package let host: String
    package let port: UInt16
    /// Without the slash that may stand behind the port.
    package let description: String

    /// A name in DNS.
    package static let hostSizeMax = 253

    /// A missing port is 80, as everywhere; a path would mean nothing here.
    package init?(_ text: String) {
        guard text.hasPrefix("http://") else { return nil }
        let authority = text.dropFirst(7).droppingSlash
        description = "http://\(authority)"
        guard let end = Self.hostEnd(of: authority) else { return nil }
        let name = authority[..<end]
        host = String(name.hasPrefix("[") ? name.dropFirst().dropLast() : name)
        if end == authority.endIndex {
            port = 80
        } else {
            let digits = authority[authority.index(after: end)...]
            guard 1...5 ~= digits.utf8.count, digits.utf8.allSatisfy(\.isDigit),
                let number = UInt16(digits), number > 0
            else { return nil }
            port = number
        }
    }

    /// `host` and `port` as the `Host` field has them.
    package var authority: String { String(description.dropFirst(7)) }

    private static func hostEnd(of authority: Substring) -> Substring.Index? {
        if authority.hasPrefix("[") {
            guard let close = authority.firstIndex(of: "]") else { return nil }
            let end = authority.index(after: close)
            guard ListenAddress("\(authority[..<end]):0") != nil else { return nil }
            return end == authority.endIndex || authority[end] == ":" ? end : nil
        }
        let end = authority.firstIndex(of: ":") ?? authority.endIndex
        let name = authority[..<end]
        guard !name.isEmpty, name.utf8.count <= Self.hostSizeMax, name.utf8.allSatisfy(\.isOfName)
        else {
            return nil
        }
        return end
    }
}

extension Substring {
    fileprivate var droppingSlash: Substring { hasSuffix("/") ? dropLast() : self }
}

extension UInt8 {
    /// What names of machines are made of; containers have underscores too.
    fileprivate var isOfName: Bool { isDigit || isLetter || "-._".utf8.contains(self) }
}
