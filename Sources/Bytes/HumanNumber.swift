/// The shape that durations and sizes share: decimal digits, and a unit right behind them.
///
/// No sign, no space, no fraction and no exponent: what is left can be read in one way only.
struct HumanNumber {
    let value: UInt64
    /// The range of the unit in the text; empty for a bare number.
    let unit: Range<Int>

    /// Reads `text`, or returns nil if it has no digits or too many of them.
    init?(_ text: Span<UInt8>) {
        var value: UInt64 = 0
        var index = 0
        while index < text.count, text[index].isDigit {
            let (tens, hasWrapped) = value.multipliedReportingOverflow(by: 10)
            let (next, hasCarried) = tens.addingReportingOverflow(UInt64(text[index] & 15))
            if hasWrapped || hasCarried { return nil }
            value = next
            index += 1
        }
        guard index > 0 else { return nil }
        self.value = value
        unit = index..<text.count
    }
}
