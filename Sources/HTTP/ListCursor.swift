/// Walks the elements of a comma-separated list of tokens, each without the blanks around it.
///
/// Quoted strings are not understood: the lists it is used for have none.
struct ListCursor {
    private var position: Int
    private let end: Int
    private var isDone = false

    init(_ range: Range<Int>) {
        position = range.lowerBound
        end = range.upperBound
    }

    /// Returns the next element, which is empty between two commas, or nil after the last one.
    mutating func next(in bytes: Span<UInt8>) -> Range<Int>? {
        if isDone { return nil }
        let comma = bytes.firstPlace(of: UInt8(ascii: ","), from: position, to: end)
        let element = bytes.trimmed(position..<comma)
        isDone = comma == end
        position = comma + 1
        return element
    }
}
