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
