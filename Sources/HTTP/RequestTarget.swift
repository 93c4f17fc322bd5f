/// A request target taken apart: where its authority, its path and its query stand.
///
/// It only says where things are. Escapes are checked when a piece is read, so a bad one costs
/// the client a 400 and not its connection.
package struct RequestTarget: Equatable, Sendable {
    /// The four forms of RFC 9112, section 3.2.
    package enum Form: UInt8, Sendable { case origin, absolute, asterisk, authority }

    package var form = Form.origin
    /// The host and port of an absolute or authority target; empty in the other forms.
    @SmallRange package var authority = 0..<0
    /// Starts with `/`, or is empty where an absolute target has no path: that is the root too.
    @SmallRange package var path = 0..<0
    /// What follows the first `?`, without it.
    package var query: Range<Int>? { hasQuery ? queryRange : nil }
    private var hasQuery = false
    @SmallRange private var queryRange = 0..<0

    package init() {}

    /// Takes the bytes in `range` apart, which are all visible ASCII.
    package init(
        _ range: Range<Int>, in bytes: Span<UInt8>, method: Method
    ) throws(HTTPError) {
        self.init()
        guard let first = range.first else { throw .badTarget }
        if method == .connect {
            try self.init(authority: range, in: bytes)
        } else if bytes[first] == UInt8(ascii: "/") {
            self.init(origin: range, in: bytes)
        } else if bytes[first] == UInt8(ascii: "*"), range.count == 1, method == .options {
            form = .asterisk
            path = range
        } else {
            try self.init(absolute: range, in: bytes)
        }
    }

    private init(origin range: Range<Int>, in bytes: Span<UInt8>) {
        let mark = bytes.firstPlace(
            of: UInt8(ascii: "?"), from: range.lowerBound, to: range.upperBound)
        path = range.lowerBound..<mark
        guard mark < range.upperBound else { return }
        hasQuery = true
        queryRange = mark + 1..<range.upperBound
    }

    private init(authority range: Range<Int>, in bytes: Span<UInt8>) throws(HTTPError) {
        guard Authority.isValid(range, in: bytes, needsPort: true) else { throw .badTarget }
        form = .authority
        authority = range
    }

    private init(absolute range: Range<Int>, in bytes: Span<UInt8>) throws(HTTPError) {
        guard let start = Self.schemeEnd(range, bytes) else { throw .badTarget }
        var end = start
        while end < range.upperBound, bytes[end] != UInt8(ascii: "/"),
            bytes[end] != UInt8(ascii: "?")
        {
            end += 1
        }
        guard Authority.isValid(start..<end, in: bytes) else { throw .badTarget }
        self.init(origin: end..<range.upperBound, in: bytes)
        form = .absolute
        authority = start..<end
    }

    private static func schemeEnd(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Int? {
        for scheme in 7...8 where range.count > scheme {
            let end = range.lowerBound + scheme
            let spelling = scheme == 7 ? "http://" : "https://"
            if bytes.equals(range.lowerBound..<end, ignoringCase: spelling) { return end }
        }
        return nil
    }
}

extension RequestTarget {
    /// The segments of the path, cut at every raw slash; the root has one, which is empty.
    package var segments: PathSegments { PathSegments(path) }

    /// The pairs of the query; none if there is no query.
    package var queryPairs: QueryPairs { QueryPairs(query ?? 0..<0) }

    /// Returns the segment with that number, counted from 0, or nil if the path has fewer.
    package func segment(at number: Int, in bytes: Span<UInt8>) -> EscapedText? {
        var cursor = segments
        for _ in 0..<number where cursor.next(in: bytes) == nil { return nil }
        return cursor.next(in: bytes)
    }

    /// Whether the path has that segment and it reads `expected` once its escapes are undone.
    package func segment(
        at number: Int, equals expected: String, in bytes: Span<UInt8>
    ) throws(HTTPError) -> Bool {
        guard let segment = segment(at: number, in: bytes) else { return false }
        return try segment.equals(expected, in: bytes)
    }

    package func segmentCount(in bytes: Span<UInt8>) -> Int {
        var cursor = segments
        var count = 0
        while cursor.next(in: bytes) != nil { count += 1 }
        return count
    }
}

/// Walks the segments of a path in order.
///
/// The path is cut before anything is decoded, so `%2F` is never a separator.
package struct PathSegments {
    private var position: Int
    private let end: Int
    private var isDone = false

    init(_ path: Range<Int>) {
        position = path.lowerBound
        end = path.upperBound
    }

    package mutating func next(in bytes: Span<UInt8>) -> EscapedText? {
        if isDone { return nil }
        // An empty path is the root: one empty segment, as if it were `/`.
        let start = min(position + 1, end)
        let slash = bytes.firstPlace(of: UInt8(ascii: "/"), from: start, to: end)
        position = slash
        isDone = slash == end
        return EscapedText(start..<slash, plusIsSpace: false)
    }
}

/// Walks the `name=value` pairs of a query in order; empty ones (`&&`) are stepped over.
package struct QueryPairs {
    package struct Pair: Equatable, Sendable {
        package var name: EscapedText
        /// Empty without a `=`.
        package var value: EscapedText
    }

    private var position: Int
    private let end: Int

    init(_ query: Range<Int>) {
        position = query.lowerBound
        end = query.upperBound
    }

    package mutating func next(in bytes: Span<UInt8>) -> Pair? {
        while position < end {
            let start = position
            let stop = bytes.firstPlace(of: UInt8(ascii: "&"), from: start, to: end)
            position = stop + 1
            if stop == start { continue }
            let equals = bytes.firstPlace(of: UInt8(ascii: "="), from: start, to: stop)
            return Pair(
                name: EscapedText(start..<equals, plusIsSpace: true),
                value: EscapedText(min(equals + 1, stop)..<stop, plusIsSpace: true))
        }
        return nil
    }
}
