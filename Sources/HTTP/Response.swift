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
    /// Everything behind the line of the request id, for answers that are given again and again.
    private(set) var prepared: [UInt8] = []

    package init(_ status: HTTPStatus) { self.status = status }

    /// Adds a field; `value` must be free of control characters.
    package mutating func add(_ name: StaticString, _ value: String) {
        assert(!value.utf8.contains { $0 < 0x20 || $0 == 0x7f }, "a field value is one line")
        fields.append(contentsOf: "\(name): \(value)\r\n".utf8)
        prepared = []
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
