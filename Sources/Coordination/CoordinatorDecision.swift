package import Wire

/// What comes of a call: the answer, once the record is safe, if there is one.
package struct CoordinatorDecision: Equatable, Sendable {
    package let answer: CoordinatorAnswer
    package let record: CoordinatorRecord?

    init(_ answer: CoordinatorAnswer, _ record: CoordinatorRecord? = nil) {
        self.answer = answer
        self.record = record
    }
}
