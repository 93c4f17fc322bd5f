import Bytes

/// An answer before it is framed.
package struct Response: Sendable {
    package let status: HTTPStatus
    /// Whole field lines, each with its line end, beside those that framing adds by itself.
    package private(set) var fields: [UInt8] = []
    package private(set) var body: [UInt8] = []
    /// The ends of the pieces that the body was made in; none if it was made whole.
    private(set) var pieceEnds: [Int] = []
    /// Whether the connection ends with this answer.
    package var closes = false
    /// The tag of the representation in its quotes, if it has one.
    package private(set) var etag: String?
    /// Everything behind the line of the request id, for answers that are given again and again.
    private(set) var prepared: [UInt8] = []

    package init(_ status: HTTPStatus) { self.status = status }

    /// Adds a field; `value` must be free of control characters.
    package mutating func add(_ name: StaticString, _ value: String) {
        addField(name.description, value)
    }

    /// Adds a field whose name comes from a message; it must be a token.
    package mutating func add(named name: String, _ value: String) {
        assert(!name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x3A })
        addField(name, value)
    }

    private mutating func addField(_ name: String, _ value: String) {
        assert(!value.utf8.contains { $0 < 0x20 || $0 == 0x7f }, "a field value is one line")
        if fields.isEmpty { fields.reserveCapacity(Self.fieldsSizeUsual) }
        fields.append(name)
        fields.append(": ")
        fields.append(value)
        fields.append("\r\n")
        prepared = []
    }

    private static let fieldsSizeUsual = 256

    /// Tags the representation; `opaque` has no quotes of its own, and only visible ASCII.
    ///
    /// A tagged answer is not sent to a client that has it already: see `notModified`.
    package mutating func setETag(_ opaque: String) {
        assert(opaque.utf8.allSatisfy { 0x21...0x7E ~= $0 && $0 != 0x22 }, "no tag has such bytes")
        precondition(etag == nil, "an answer has one tag")
        etag = "\"\(opaque)\""
        add("ETag", "\"\(opaque)\"")
    }

    package mutating func setBody(_ bytes: [UInt8]) {
        body = bytes
        pieceEnds = []
        prepared = []
    }

    /// Adds a piece to a body that is sent as it is made, one chunk a piece.
    package mutating func addPiece(_ bytes: [UInt8]) {
        if bytes.isEmpty { return }
        body.append(contentsOf: bytes)
        pieceEnds.append(body.count)
        prepared = []
    }

    /// Frames what is the same every time this is the answer.
    package mutating func prepare() {
        var framed: [UInt8] = []
        ResponseWriter.writeFieldsAndBody(of: self, hasBody: true, into: &framed)
        prepared = framed
    }
}

// What becomes of a tag.
extension Response {
    /// Makes the tag weak, for a body that is not the tagged one byte for byte.
    package mutating func weakenETag() {
        guard let etag else { return }
        let line = Array("ETag: \(etag)\r\n".utf8)
        guard let place = fields.firstRange(of: line) else { return }
        fields.insert(contentsOf: "W/".utf8, at: place.lowerBound + "ETag: ".utf8.count)
        prepared = []
    }

    /// The answer to a client that has this one already: RFC 9110, section 15.4.5, says what it keeps.
    package func notModified() -> Response {
        var response = Response(.notModified)
        var start = 0
        while start < fields.count, let end = fields[start...].firstIndex(of: 0x0A) {
            let line = fields[start...end]
            if Self.keptNames.contains(where: { line.starts(with: $0) }) {
                response.fields.append(contentsOf: line)
            }
            start = end + 1
        }
        response.closes = closes
        return response
    }

    private static let keptNames = [
        "ETag: ", "Cache-Control: ", "Vary: ", "Expires: ", "Content-Location: ",
    ].map { [UInt8]($0.utf8) }
}
