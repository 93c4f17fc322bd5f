import Bytes

/// Which media types a client wants, by all its Accept fields together (RFC 9110, section 12.5.1).
///
/// The most specific range that matches decides. Without a field, or with empty ones, everything
/// is wanted; parameters other than the weight are checked and ignored.
package enum AcceptHeader {
    /// Whether the client takes `type`, which is written in lower case.
    package static func accepts(
        type: String, _ head: RequestHead, in bytes: Span<UInt8>
    ) throws(HTTPError) -> Bool {
        try weight(of: type, head, in: bytes) > 0
    }

    /// Returns the place of the type that the client prefers, the earlier one where it has no
    /// preference, or nil if it takes none of them.
    package static func best(
        of types: [String], _ head: RequestHead, in bytes: Span<UInt8>
    ) throws(HTTPError) -> Int? {
        var best: (place: Int, weight: Int)?
        for (place, type) in types.enumerated() {
            let weight = try weight(of: type, head, in: bytes)
            if weight > best?.weight ?? 0 { best = (place, weight) }
        }
        return best?.place
    }

    /// Returns how much the client wants `type`, in thousandths; 0 is not at all.
    package static func weight(
        of type: String, _ head: RequestHead, in bytes: Span<UInt8>
    ) throws(HTTPError) -> Int {
        var match = Match(type: type)
        for field in head.fields where field.name == .accept {
            try match.note(field.value, bytes)
        }
        return match.weight
    }

    private struct Match {
        let type: String
        private var hasRange = false
        private var bestPrecision = 0
        private var bestWeight = 0

        init(type: String) {
            self.type = type
        }

        var weight: Int { hasRange ? bestWeight : 1000 }

        mutating func note(_ value: Range<Int>, _ bytes: Span<UInt8>) throws(HTTPError) {
            var cursor = ValueCursor(value)
            while cursor.nextElement(bytes) {
                hasRange = true
                let precision = precision(of: try range(&cursor, bytes), bytes)
                let weight = try cursor.weightOfElement(bytes)
                if precision > bestPrecision {
                    (bestPrecision, bestWeight) = (precision, weight)
                } else if precision > 0, precision == bestPrecision {
                    bestWeight = max(bestWeight, weight)
                }
            }
        }

        /// A bare `*` is taken for `*/*`: Java's own client sends it.
        private func range(
            _ cursor: inout ValueCursor, _ bytes: Span<UInt8>
        ) throws(HTTPError) -> Range<Int> {
            let main = try cursor.token(bytes)
            if cursor.take(UInt8(ascii: "/"), bytes) {
                return main.lowerBound..<(try cursor.token(bytes)).upperBound
            }
            guard main.count == 1, bytes[main.lowerBound] == UInt8(ascii: "*") else {
                throw .badField
            }
            return main
        }

        /// 3 for the type itself, 2 for `type/*`, 1 for everything, 0 for another type.
        private func precision(of range: Range<Int>, _ bytes: Span<UInt8>) -> Int {
            if bytes.equals(range, ignoringCase: type) { return 3 }
            if bytes.equals(range, ignoringCase: "*/*") || range.count == 1 { return 1 }
            let star = range.upperBound - 1
            guard bytes[star] == UInt8(ascii: "*"), bytes[star - 1] == UInt8(ascii: "/") else {
                return 0
            }
            return isPrefix(range.lowerBound..<star, bytes) ? 2 : 0
        }

        private func isPrefix(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
            var expected = type.utf8.makeIterator()
            for index in range {
                if bytes[index].lowercased != expected.next() { return false }
            }
            return true
        }
    }
}
