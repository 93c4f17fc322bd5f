import Bytes

/// Checks `host [ ":" port ]`, as the Host field and absolute targets have it (RFC 3986, section 3.2).
///
/// Narrower than the grammar where it only helps attacks: no user information, no empty host, no
/// comma in a name, no zones and no future versions in an IP literal, no port above 65535.
enum Authority {
    static func isValid(
        _ range: Range<Int>, in bytes: Span<UInt8>, needsPort: Bool = false
    ) -> Bool {
        guard let hostEnd = hostEnd(range, bytes), hostEnd > range.lowerBound else { return false }
        if hostEnd == range.upperBound { return !needsPort }
        guard bytes[hostEnd] == UInt8(ascii: ":") else { return false }
        return isPort(hostEnd + 1..<range.upperBound, bytes, needsDigits: needsPort)
    }

    private static func hostEnd(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Int? {
        guard let first = range.first else { return nil }
        if bytes[first] != UInt8(ascii: "[") { return nameEnd(range, bytes) }
        let close = bytes.firstPlace(of: UInt8(ascii: "]"), from: first, to: range.upperBound)
        guard close < range.upperBound else { return nil }
        var address = AddressChecker(place: first + 1, end: close)
        return address.isIPv6(bytes) ? close + 1 : nil
    }

    /// The end of a registered name or an IPv4 address, or nil after a bad escape.
    private static func nameEnd(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Int? {
        var index = range.lowerBound
        while index < range.upperBound {
            if ByteClass.host.contains(bytes[index]) {
                index += 1
            } else if bytes[index] == UInt8(ascii: "%") {
                guard index + 2 < range.upperBound, bytes[index + 1].hexDigit != nil,
                    bytes[index + 2].hexDigit != nil
                else { return nil }
                index += 3
            } else {
                break
            }
        }
        return index
    }

    // The grammar lets the digits be absent.
    private static func isPort(
        _ range: Range<Int>, _ bytes: Span<UInt8>, needsDigits: Bool
    ) -> Bool {
        guard range.count <= 5, !(needsDigits && range.isEmpty) else { return false }
        var port = 0
        for index in range {
            guard bytes[index].isDigit else { return false }
            port = port * 10 + Int(bytes[index] - UInt8(ascii: "0"))
        }
        return port <= Int(UInt16.max)
    }
}

/// Reads an IPv6 address: eight groups, fewer with one `::`, the last two perhaps as IPv4.
private struct AddressChecker {
    var place: Int
    let end: Int
    private var groups = 0
    private var hasGap = false

    init(place: Int, end: Int) {
        self.place = place
        self.end = end
    }

    mutating func isIPv6(_ bytes: Span<UInt8>) -> Bool {
        if takeGap(bytes), place == end { return true }
        while true {
            guard takeGroup(bytes) else { return false }
            if place == end { break }
            if takeGap(bytes) {
                if place == end { break }
            } else if !take(UInt8(ascii: ":"), bytes) {
                return false
            }
        }
        return hasGap ? groups < 8 : groups == 8
    }

    private mutating func take(_ byte: UInt8, _ bytes: Span<UInt8>) -> Bool {
        guard place < end, bytes[place] == byte else { return false }
        place += 1
        return true
    }

    private mutating func takeGap(_ bytes: Span<UInt8>) -> Bool {
        guard !hasGap, place + 1 < end, bytes[place] == UInt8(ascii: ":"),
            bytes[place + 1] == UInt8(ascii: ":")
        else { return false }
        place += 2
        hasGap = true
        return true
    }

    private mutating func takeGroup(_ bytes: Span<UInt8>) -> Bool {
        if isIPv4(bytes) {
            groups += 2
            place = end
            return true
        }
        let start = place
        while place < end, place - start < 4, bytes[place].hexDigit != nil { place += 1 }
        groups += 1
        return place > start && groups <= 8
    }

    /// Whether all that is left is four decimal numbers up to 255.
    private func isIPv4(_ bytes: Span<UInt8>) -> Bool {
        var (numbers, digits, value) = (0, 0, 0)
        for index in place..<end {
            if bytes[index] == UInt8(ascii: "."), digits > 0 {
                (numbers, digits, value) = (numbers + 1, 0, 0)
            } else if bytes[index].isDigit, digits == 0 || value > 0 {
                value = value * 10 + Int(bytes[index] - UInt8(ascii: "0"))
                digits += 1
                if value > 255 { return false }
            } else {
                return false
            }
        }
        return numbers == 3 && digits > 0
    }
}
