/// An answer before it is framed.
package struct Response: Sendable {
    package var status: HTTPStatus
    /// Whole field lines, each with its line end, beside those that framing adds by itself.
    package var fields: [UInt8] = []
    package var body: [UInt8] = []
    /// Whether the connection ends with this answer.
    package var closes = false

    package init(_ status: HTTPStatus) { self.status = status }

    /// Adds a field; `value` must be free of control characters.
    package mutating func add(_ name: StaticString, _ value: String) {
        assert(!value.utf8.contains { $0 < 0x20 || $0 == 0x7f }, "a field value is one line")
        fields.append(contentsOf: "\(name): \(value)\r\n".utf8)
    }
}
