/// What is to be done about dead letters: so many go back, or all there are, so many a second.
package struct Redrive: Equatable, Sendable {
    /// Nil for all.
    package var left: Int?
    /// Letters a second; nil for as fast as it goes.
    package var rate: Int?

    package init(left: Int?, rate: Int?) {
        self.left = left
        self.rate = rate
    }

    /// What is left to do after so many letters; nil for nothing.
    func after(_ letters: Int) -> Redrive? {
        guard let left else { return self }
        return letters < left ? Redrive(left: left - letters, rate: rate) : nil
    }
}

/// A dead letter as it is kept where it can be read: where it came from, and what it was.
package struct DeadLetter: Equatable, Sendable {
    package var facts: RecordFacts
    package var reasons: String

    package init(_ facts: RecordFacts, reasons: String = "") {
        self.facts = facts
        self.reasons = reasons
    }
}
