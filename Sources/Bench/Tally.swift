/// What the connections of a bench, or of one of its threads, came to.
package struct Tally: Equatable, Sendable {
    package var latencies = Latencies()
    /// Answers with a 2xx, and the messages that they are about.
    package var answers = 0
    package var messages = 0
    /// Other answers, by status.
    package var refusals: [Int: Int] = [:]
    /// Connections that could not be opened, broke, or brought something else than HTTP.
    package var broken = 0
    /// From when every connection was warm to the last answer that counts.
    package var nanoseconds: UInt64 = 0

    package init() {}

    /// Notes an answer to a request for `messages` messages.
    package mutating func note(status: Int, after nanoseconds: UInt64, messages: Int) {
        guard 200..<300 ~= status else {
            refusals[status, default: 0] += 1
            return
        }
        answers += 1
        self.messages += messages
        latencies.record(nanoseconds: nanoseconds)
    }

    package mutating func add(_ other: Tally) {
        latencies.add(other.latencies)
        answers += other.answers
        messages += other.messages
        refusals.merge(other.refusals, uniquingKeysWith: +)
        broken += other.broken
        nanoseconds = max(nanoseconds, other.nanoseconds)
    }

    package var isClean: Bool { refusals.isEmpty && broken == 0 && answers > 0 }

    package func perSecond(_ number: Int) -> Double {
        nanoseconds == 0 ? 0 : Double(number) * 1e9 / Double(nanoseconds)
    }
}
