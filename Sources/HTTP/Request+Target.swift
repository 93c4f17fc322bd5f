import Bytes

/// The names and values in a request's target, decoded.
///
/// Admission has read every one of them before, so a bad escape never gets here: it is nil.
extension Request {
    /// The segment of the path with that number, counted from 0.
    package func segment(_ number: Int) -> String? {
        let head = source
        let span = head.span.extracting(headRange)
        return targetParts.segment(at: number, in: span).flatMap { Self.text($0, span) }
    }

    /// The value of a query parameter, the first one where there are several; empty without a `=`.
    package func parameter(_ name: String) -> String? {
        parameterBytes(name).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The same as bytes, which are valid UTF-8.
    package func parameterBytes(_ name: String) -> [UInt8]? {
        guard targetParts.query != nil else { return nil }
        let head = source
        let span = head.span.extracting(headRange)
        var pairs = targetParts.queryPairs
        while let pair = pairs.next(in: span) {
            if Self.reads(pair.name, name, span) { return Self.bytes(pair.value, span) }
        }
        return nil
    }

    /// All values of a query parameter that may stand there several times.
    package func parameters(_ name: String) -> [String] {
        var values: [String] = []
        eachPair { pair, span in
            guard Self.reads(pair.name, name, span) else { return }
            if let value = Self.text(pair.value, span) { values.append(value) }
        }
        return values
    }

    /// The query parameters whose names start with `prefix`, each with what follows it.
    package func parameters(
        startingWith prefix: String
    ) -> [(name: String, value: String)] {
        var found: [(name: String, value: String)] = []
        eachPair { pair, span in
            guard let name = Self.bytes(pair.name, span), name.starts(with: prefix.utf8),
                let value = Self.text(pair.value, span)
            else { return }
            let suffix = name.dropFirst(prefix.utf8.count)
            found.append((String(decoding: suffix, as: UTF8.self), value))
        }
        return found
    }

    private func eachPair(_ take: (QueryPairs.Pair, Span<UInt8>) -> Void) {
        guard targetParts.query != nil else { return }
        let head = source
        let span = head.span.extracting(headRange)
        var pairs = targetParts.queryPairs
        while let pair = pairs.next(in: span) { take(pair, span) }
    }

    private static func reads(
        _ text: EscapedText, _ expected: String, _ head: Span<UInt8>
    ) -> Bool {
        do throws(HTTPError) { return try text.equals(expected, in: head) } catch { return false }
    }

    private static func text(_ text: EscapedText, _ head: Span<UInt8>) -> String? {
        bytes(text, head).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func bytes(_ text: EscapedText, _ head: Span<UInt8>) -> [UInt8]? {
        do throws(HTTPError) { return try text.bytes(in: head) } catch { return nil }
    }
}
