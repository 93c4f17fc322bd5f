/// What the connections of a bench, or of one of its threads, came to.
package struct Tally: Equatable, Sendable {
    package var latencies = Latencies()
    /// Answers with a 2xx, and the messages that they are about.
    package var answers = 0
    package var messages = 0
    /// Of the messages that were read.
    package var bodyBytes = 0
    /// Where readers are parked: how long publishes took, and all deliveries of each of them.
    package var publishes = Latencies()
    package var rounds = Latencies()
    /// Other answers, by status.
    package var refusals: [Int: Int] = [:]
    /// Connections that could not be opened, broke, or brought something else than HTTP.
    package var broken = 0
    /// From when every connection was warm to the last answer that counts.
    package var nanoseconds: UInt64 = 0

    package init(broken: Int = 0) { self.broken = broken }

    /// Notes an answer to a request for `messages` messages.
    package mutating func note(
        status: Int, after nanoseconds: UInt64, messages: Int, bodyBytes: Int = 0
    ) {
        guard 200..<300 ~= status else {
            refusals[status, default: 0] += 1
            return
        }
        answers += 1
        self.messages += messages
        self.bodyBytes += bodyBytes
        latencies.record(nanoseconds: nanoseconds)
    }

    package mutating func add(_ other: Tally) {
        latencies.add(other.latencies)
        answers += other.answers
        messages += other.messages
        bodyBytes += other.bodyBytes
        publishes.add(other.publishes)
        rounds.add(other.rounds)
        refusals.merge(other.refusals, uniquingKeysWith: +)
        broken += other.broken
        nanoseconds = max(nanoseconds, other.nanoseconds)
    }

    /// Whether there was nothing but good answers; `needsMessages` where those should have some.
    package func isClean(needsMessages: Bool) -> Bool {
        refusals.isEmpty && broken == 0 && answers > 0 && (messages > 0 || !needsMessages)
    }

    package func perSecond(_ number: Int) -> Double {
        nanoseconds == 0 ? 0 : Double(number) * 1e9 / Double(nanoseconds)
    }
}
