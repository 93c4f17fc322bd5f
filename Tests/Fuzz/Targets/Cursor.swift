import Gateway

/// A text that is a cursor is the only text of it.
func checkCursor(_ input: [UInt8]) -> FuzzVerdict {
    guard let cursor = Cursor(reading: input.span) else { return .refused }
    guard cursor.bytes == input else { return .failed("\(cursor) has two texts") }
    return .accepted
}
