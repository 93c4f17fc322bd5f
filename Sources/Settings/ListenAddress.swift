internal import Bytes

/// `HOST:PORT` as a person writes it, with a numeric host.
package struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// Without brackets, and numeric: `localhost` is 127.0.0.1.
    package let host: String
    package let port: UInt16
    package let isLoopback: Bool

    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        guard let port = Self.port(text[text.index(after: colon)...]) else { return nil }
        self.port = port
        let name = text[..<colon]
        if name.hasPrefix("[") && name.hasSuffix("]") {
            host = String(name.dropFirst().dropLast())
            guard let groups = Self.groups(host) else { return nil }
            isLoopback = groups == [0, 0, 0, 0, 0, 0, 0, 1]
        } else {
            host = name == "localhost" ? "127.0.0.1" : String(name)
            guard let first = Self.firstOfFour(host) else { return nil }
            isLoopback = first == 127
        }
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    private static func port(_ text: Substring) -> UInt16? {
        guard 1...5 ~= text.utf8.count, text.utf8.allSatisfy(\.isDigit) else { return nil }
        return UInt16(text)
    }

    /// The first number of a dotted IPv4 address, in which no number has a leading zero: some
    /// programs read those as octal.
    private static func firstOfFour(_ text: String) -> UInt8? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        var numbers: [UInt8] = []
        for part in parts {
            guard 1...3 ~= part.utf8.count, part.utf8.allSatisfy(\.isDigit),
                part.utf8.count == 1 || !part.hasPrefix("0"), let number = UInt8(part)
            else { return nil }
            numbers.append(number)
        }
        return numbers.count == 4 ? numbers[0] : nil
    }

    /// The eight groups of an IPv6 address; the form that ends in an IPv4 address is refused.
    private static func groups(_ text: String) -> [UInt16]? {
        var halves: [[UInt16]] = [[]]
        var rest = text[...]
        if rest.hasPrefix("::") { (halves, rest) = ([[], []], rest.dropFirst(2)) }
        while !rest.isEmpty {
            let group = rest.prefix { $0 != ":" }
            guard 1...4 ~= group.utf8.count, group.utf8.allSatisfy({ $0.hexDigit != nil }),
                let number = UInt16(group, radix: 16)
            else { return nil }
            halves[halves.count - 1].append(number)
            rest = rest.dropFirst(group.count)
            if rest.isEmpty { break }
            rest = rest.dropFirst()
            if rest.isEmpty { return nil }
            guard rest.hasPrefix(":") else { continue }
            guard halves.count == 1 else { return nil }
            (halves, rest) = (halves + [[]], rest.dropFirst())
        }
        let count = halves.joined().count
        if halves.count == 1 { return count == 8 ? halves[0] : nil }
        guard count < 8 else { return nil }
        return halves[0] + [UInt16](repeating: 0, count: 8 - count) + halves[1]
    }
}
