import Records
import Wire

/// What a client knows of the Idempotency-Keys that it published with: each is one message.
struct KeyLedger {
    /// Longer than any run.
    static let window = 24 * 3_600_000

    struct Key {
        let hash: UInt64
        let body: [UInt8]
    }

    struct Answered {
        let hash: UInt64
        let answer: ShardAnswer
        /// Whether it was asked while the first was on its way.
        let waited: Bool
    }

    private var open: [(hash: UInt64, ticket: UInt64)] = []
    /// Where the messages went that somebody was told about.
    private var told: [UInt64: PlacedPart] = [:]
    private var lastHash: UInt64 = 0

    mutating func pick(_ random: inout SeededRandom) -> Key {
        if lastHash == 0 || random.oneIn(2) { lastHash += 1 }
        // One of the last, so that some are on their way still; or any.
        let oldest = random.oneIn(2) ? 1 : max(1, Int(lastHash) - 3)
        let hash = UInt64(random.number(in: oldest...Int(lastHash)))
        return Key(hash: hash, body: Self.body(hash))
    }

    private static func body(_ hash: UInt64) -> [UInt8] { Array("key \(hash)".utf8) }

    mutating func asked(_ hash: UInt64, _ ticket: UInt64) { open.append((hash, ticket)) }

    mutating func takeAnswered(_ answers: [UInt64: ShardAnswer]) -> [Answered] {
        var answered: [Answered] = []
        for (place, asked) in open.enumerated() {
            guard let answer = answers[asked.ticket] else { continue }
            let waited = open[..<place].contains { $0.hash == asked.hash }
            answered.append(Answered(hash: asked.hash, answer: answer, waited: waited))
        }
        open.removeAll { answers[$0.ticket] != nil }
        return answered
    }

    /// Who was not answered does not know what became of it.
    mutating func forgetOpen() { open = [] }

    mutating func stored(_ hash: UInt64, _ part: PlacedPart, _ violations: inout [String]) {
        if let known = told[hash] {
            violations.append("key \(hash) went to \(part), after \(known)")
        }
        told[hash] = part
    }

    mutating func repeated(
        _ hash: UInt64, _ records: [RepeatedRecord], _ violations: inout [String]
    ) {
        guard records.count == 1, records[0].part == 0, records[0].record == 0,
            case .same(let place, _, partition: 0, let logTime) = records[0].verdict
        else { return violations.append("key \(hash) is not known for what it is: \(records)") }
        let part = PlacedPart(place: place, logTime: logTime)
        if let known = told[hash], known != part {
            violations.append("key \(hash) went to \(known), and a repeat heard \(part)")
        }
        told[hash] = part
    }

    func check(_ records: [(offset: Int, body: [UInt8])], _ violations: inout [String]) {
        var offsets: [[UInt8]: Int] = [:]
        for record in records {
            if offsets.updateValue(record.offset, forKey: record.body) != nil {
                violations.append("\(String(decoding: record.body, as: UTF8.self)) is stored twice")
            }
        }
        for (hash, part) in told {
            let offset = offsets[Self.body(hash)]
            if offset.map({ part.place != .offset($0) }) ?? true {
                violations.append("key \(hash) was told \(part), and is at \(offset ?? -1)")
            }
        }
    }
}
