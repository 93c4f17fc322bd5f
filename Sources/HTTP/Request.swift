import Bytes

/// One request while it is read and answered.
///
/// Requests live in a pool and are used again, so a plain one allocates nothing. While its bytes
/// arrive in one read, it points into that read; a request that spans reads keeps its own copy.
package final class Request {
    package internal(set) var parser: RequestParser
    /// The bytes that the head was parsed from, and where in them it starts.
    package internal(set) var source: [UInt8] = []
    package internal(set) var base = 0
    /// The head's own bytes, when it came in pieces or its body goes on in another read.
    var stored: [UInt8] = []
    var bodyBytes: [UInt8] = []
    /// The body's place in `source`, where it came whole with its head.
    var bodyRange: Range<Int>?
    /// Whether the body is wanted in later turns too; otherwise it goes with the turn.
    package var keepsBody = false
    var reader = BodyReader()
    /// The `Request-Id` of the answer, where `HTTPBench.name` was asked for it.
    package internal(set) var id: [UInt8] = []
    /// What the tier above found the target to be; these mean nothing here.
    @SmallIndex package var place: Int?
    @SmallIndex package var route: Int?
    /// The place of the answer's media type among those that the route produces.
    @Small package var answerType = 0
    /// The place of the body's media type among those that the route takes.
    @SmallIndex package var bodyType: Int?

    /// When its first byte came.
    package internal(set) var started: UInt64 = 0

    init(limits: HTTPLimits) { parser = RequestParser(limits: limits) }

    package var method: Method { parser.head.method }
    package var framing: BodyFraming { parser.head.framing }
    package var expectsTheUnknown: Bool { parser.head.expectsTheUnknown }
    /// The target taken apart, in places that count from `headRange`.
    package var targetParts: RequestTarget { parser.head.targetParts }

    /// The body with its content coding undone.
    package var body: ArraySlice<UInt8> {
        if let range = bodyRange { return source[range] }
        return bodyBytes[...]
    }

    /// Whether the head could be read: only then does anything else here mean something.
    package var hasHead: Bool { !source.isEmpty }

    /// The head's place in `source`: its own ranges count from there.
    package var headRange: Range<Int> { base..<base + parser.head.size }

    /// The method's place in `source`.
    package var methodRange: Range<Int> {
        base + parser.head.methodRange.lowerBound..<base + parser.head.methodRange.upperBound
    }

    /// The path as it was sent, for a person to read; nil where no head could be read.
    package var path: String? {
        guard hasHead else { return nil }
        let range = parser.head.targetParts.path
        // An absolute target without a path names the root, and one of CONNECT names no path.
        if range.isEmpty { return targetParts.form == .authority ? nil : "/" }
        return String(
            decoding: source[base + range.lowerBound..<base + range.upperBound], as: UTF8.self)
    }

    /// The target's place in `source`.
    package var target: Range<Int> {
        base + parser.head.target.lowerBound..<base + parser.head.target.upperBound
    }

    /// Whether a known field was sent.
    package func has(_ name: FieldName) -> Bool { parser.head.present.contains(name) }

    /// The known fields that were sent, and those that were sent more than once.
    package var presentFields: FieldSet { parser.head.present }
    package var repeatedFields: FieldSet { parser.head.repeated }

    /// The place in `source` of the first value of a known field, or nil where it was not sent.
    package func value(of name: FieldName) -> Range<Int>? {
        guard has(name) else { return nil }
        for index in parser.head.fields.indices where parser.head.fields[index].name == name {
            return value(at: index)
        }
        return nil
    }

    /// The place in `source` of the value of the field line at `index`.
    package func value(at index: Int) -> Range<Int> {
        let range = parser.head.fields[index].valueRange
        return base + Int(range.lowerBound)..<base + Int(range.upperBound)
    }

    /// Hands over the body with its content coding undone; the request has none after that.
    ///
    /// One that was collected from several reads is not copied, one that lies in a read is, once.
    package func takeBody() -> [UInt8] {
        defer {
            bodyRange = nil
            bodyBytes = []
        }
        if let range = bodyRange { return Array(source[range]) }
        return bodyBytes
    }

    /// Makes the request point into its own copy of the head, because `source` is about to go.
    ///
    /// A body that came with the head is gone then, unless it is to be kept.
    func keepHead() {
        if keepsBody, let range = bodyRange { bodyBytes = Array(source[range]) }
        bodyRange = nil
        guard stored.isEmpty else { return }
        stored.append(contentsOf: source[base..<base + parser.head.size])
        source = stored
        base = 0
    }

    /// The same for a request that is answered in a later turn, and may wait long for it.
    func keepForLater() {
        keepHead()
        if !keepsBody { bodyBytes = [] }
    }

    func reset() {
        parser.reset()
        source = []
        base = 0
        bodyRange = nil
        keepsBody = false
        place = nil
        route = nil
        answerType = 0
        bodyType = nil
        Self.clear(&id)
        Self.clear(&stored)
        Self.clear(&bodyBytes)
    }

    private static func clear(_ buffer: inout [UInt8]) {
        if buffer.isEmpty { return }
        buffer.removeAll(keepingCapacity: buffer.capacity <= keptCapacityMax)
    }

    /// A buffer that grew beyond this is given back to the system when its request is done.
    static var keptCapacityMax: Int { 16 << 10 }
}

/// Bytes that came from one connection in one read, and how far they have been used.
package struct Input {
    package let bytes: [UInt8]
    package internal(set) var position: Int
    package let end: Int

    package init(_ bytes: [UInt8], count: Int) {
        self.bytes = bytes
        position = 0
        end = count
    }

    var isEmpty: Bool { position == end }
}
