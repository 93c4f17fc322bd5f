import Records
import Wire

/// What is known of all messages of a world, and what is wrong with what the broker shows of them.
final class BrokerModel {
    private struct Deletion {
        let topic: String
        let sentAt: Int
        var answeredAt = Int.max
        var isConfirmed = false
    }

    private struct Place: Hashable {
        let partition: PartitionID
        let offset: Int
    }

    /// A place in a topic that is never deleted.
    private struct Page: Hashable {
        let topic: String
        let partition: Int
        let offset: Int
    }

    private var pages: [Page: Int] = [:]
    private var skipped: [Page] = []
    private(set) var messages: [BrokerMessage] = []
    private var deletions: [Deletion] = []
    /// What readers were shown, ever.
    private var seen: [Place: Int] = [:]
    /// Which topic a number stands for.
    private var names: [UInt32: String] = [:]
    private(set) var fault: String?
    /// Nobody has set the wall clock, by which log time goes.
    var hasSteadyClock = true
    /// Whether the same Idempotency-Key stores a message once only.
    private let knowsRepeats: Bool
    private(set) var shown = 0

    init(knowsRepeats: Bool) { self.knowsRepeats = knowsRepeats }

    func fail(_ text: String) { if fault == nil { fault = text } }

    // MARK: What clients do

    func make(in topic: String, size: Int) -> BrokerMessage {
        let message = BrokerMessage(number: messages.count, topic: topic, size: size)
        messages.append(message)
        return message
    }

    func sent(_ message: BrokerMessage, at step: Int, wall: Int) {
        if message.attempts == 0 { message.sentAt = step }
        message.attempts += 1
        if !message.isConfirmed { message.fate = .open }
        message.wallMin = min(message.wallMin, wall)
    }

    func deletes(_ topic: String, at step: Int) -> Int {
        deletions.append(Deletion(topic: topic, sentAt: step))
        return deletions.count - 1
    }

    // MARK: What clients hear

    func answered(_ request: BrokerRequest, _ answer: BrokerAnswer, at step: Int) {
        if answer.requestID != request.id {
            return fail("\(request.id) was answered as \(answer.requestID)")
        }
        switch request.purpose {
        case .other: break
        case .read(let chain): read(chain, answer)
        case .delete(_, let deletion):
            deletions[deletion].isConfirmed = answer.status == 200 || answer.status == 204
            if answer.status < 500 { deletions[deletion].answeredAt = step }
        case .publish(let messages, _):
            if answer.status == 201 || answer.status == 202 {
                confirm(messages, answer, at: step)
            } else {
                for message in messages { refuse(message, answer) }
            }
        }
    }

    /// The connection ended before the answer came.
    func lost(_ request: BrokerRequest) {
        guard case .publish(let messages, _) = request.purpose else { return }
        for message in messages where !message.isConfirmed { message.fate = .unknown }
    }

    private func confirm(_ messages: [BrokerMessage], _ answer: BrokerAnswer, at step: Int) {
        let ids = answer.ids
        if answer.status == 202 {
            for message in messages where !message.isConfirmed { message.fate = .unknown }
            return
        }
        guard ids.count == messages.count else {
            return fail("\(messages.count) messages got the ids \(ids)")
        }
        for (message, id) in zip(messages, ids) {
            message.answeredAt = step
            if id.hasPrefix("h-") {
                if message.delay == 0 { fail("m\(message.number) is held without a delay") }
                message.fate = .held
                continue
            }
            let parts = id.split(separator: "-").compactMap { Int($0) }
            guard parts.count == 2 else { return fail("\(id) is no id") }
            message.fate = .stored(partition: parts[0], offset: parts[1])
            if let wanted = message.partition, wanted != parts[0] {
                fail("m\(message.number) went to partition \(parts[0]), not \(wanted)")
            }
        }
    }

    private func refuse(_ message: BrokerMessage, _ answer: BrokerAnswer) {
        switch answer.outcome {
        case "none":
            message.refusals += 1
            if message.fate == .open {
                message.fate = message.refusals == message.attempts ? .refused : .unknown
            }
        case "unknown": if !message.isConfirmed { message.fate = .unknown }
        case "done": if !message.isConfirmed { message.fate = .done }
        default: fail("m\(message.number) got \(answer.status) with no outcome")
        }
    }

    // MARK: What readers see

    /// Takes a page that a client got.
    private func read(_ chain: BrokerChain, _ answer: BrokerAnswer) {
        guard answer.status == 200 else { return }
        let (ids, values) = (answer.ids, answer.values)
        guard ids.count == values.count, let next = answer.next else {
            return fail("a page of \(ids.count) ids and \(values.count) values")
        }
        chain.cursor = next
        for (id, value) in zip(ids, values) {
            let parts = id.split(separator: "-").compactMap { Int($0) }
            guard parts.count == 2 else { return fail("\(id) is no id") }
            note(Array(value.utf8), parts[0], parts[1], chain)
        }
    }

    private func note(_ body: [UInt8], _ partition: Int, _ offset: Int, _ chain: BrokerChain) {
        guard let number = BrokerMessage.number(in: body), messages.indices.contains(number),
            messages[number].body == body, messages[number].topic == chain.topic
        else { return fail("a page of \(chain.topic) has what nobody sent there") }
        let next = chain.next[partition, default: 0]
        if offset < next { return fail("\(chain.topic) shows \(partition)-\(offset) again") }
        for gap in next..<offset {
            skipped.append(Page(topic: chain.topic, partition: partition, offset: gap))
        }
        chain.next[partition] = offset + 1
        pages[Page(topic: chain.topic, partition: partition, offset: offset)] = number
        shown += 1
    }

    /// Whether a client that has read so far should have been shown more.
    func isMissing(_ chain: BrokerChain, _ partition: PartitionID, end: Int) -> Bool {
        let next = chain.next[Int(partition.partition), default: 0]
        return (next..<max(next, end)).contains { offset in
            guard let number = seen[Place(partition: partition, offset: offset)] else {
                return false
            }
            return !messages[number].mayExpire
        }
    }

    private func checkPages(_ topics: [String: UInt32]) {
        func kept(_ page: Page) -> Int? {
            guard let id = topics[page.topic] else { return nil }
            let partition = PartitionID(topic: id, partition: UInt32(page.partition))
            return seen[Place(partition: partition, offset: page.offset)]
        }
        for (page, number) in pages where kept(page) != number {
            return fail("m\(number) was on a page of \(page), and is not there")
        }
        for page in skipped {
            guard let number = kept(page), messages[number].mayExpire else {
                return fail("\(page) was left out")
            }
        }
    }

    /// Takes what a reader fetched, and moves it on.
    func note(_ part: FetchedPart, for reader: BrokerReader) {
        names[reader.partition.topic] = reader.topic
        if reader.offset < part.start { reader.offset = part.start }
        for batch in part.batches {
            guard let records = ShardBench.records(of: batch) else {
                return fail("a batch of \(reader.partition) cannot be read")
            }
            for record in records where record.0 >= reader.offset {
                if record.0 != reader.offset {
                    return fail("\(reader.partition) goes from \(reader.offset) to \(record.0)")
                }
                note(record.1, at: record.0, in: reader, logTime: part.logTime)
                reader.offset = record.0 + 1
            }
        }
        if reader.offset > part.end { fail("\(reader.partition) shows more than it has") }
    }

    private func note(_ body: [UInt8], at offset: Int, in reader: BrokerReader, logTime: Int) {
        let place = Place(partition: reader.partition, offset: offset)
        guard let number = BrokerMessage.number(in: body), messages.indices.contains(number),
            messages[number].body == body
        else { return fail("\(reader.partition) has at \(offset) what nobody sent") }
        let message = messages[number]
        if message.topic != reader.topic { return fail("m\(number) is in \(reader.topic)") }
        if message.fate == .refused { return fail("m\(number) was refused, and is there") }
        if let wanted = message.partition, wanted != Int(reader.partition.partition) {
            return fail("m\(number) is in \(reader.partition)")
        }
        if hasSteadyClock, logTime < message.wallMin + message.delay {
            return fail("m\(number) is shown \(message.wallMin + message.delay - logTime) ms early")
        }
        if let old = seen[place], old != number {
            return fail("\(reader.partition) has m\(number) at \(offset), and had m\(old) there")
        }
        seen[place] = number
        shown += 1
    }

    // MARK: The end

    /// One partition as it is after all, in the order of its offsets from `start` on.
    struct Kept {
        let partition: PartitionID
        let start: Int
        let end: Int
    }

    /// Compares all that is kept with all that was said.
    func checkEnd(_ kept: [Kept], topics: [String: UInt32]) {
        var copies: [Int: [Place]] = [:]
        for one in kept {
            for offset in one.start..<max(one.start, one.end) {
                let place = Place(partition: one.partition, offset: offset)
                guard let number = seen[place] else {
                    return fail("\(one.partition) has nothing at \(offset)")
                }
                copies[number, default: []].append(place)
            }
            checkOrder(one)
        }
        let ends = Dictionary(uniqueKeysWithValues: kept.map { ($0.partition, $0) })
        for (place, number) in seen {
            if let one = ends[place.partition], place.offset >= one.end {
                return fail("m\(number) was shown at \(place.offset), and is gone")
            }
        }
        checkPages(topics)
        let begun = kept.contains { $0.start > 0 }
        for message in messages {
            check(message, copies[message.number] ?? [], isTrimmed: begun)
            if message.batch.first === message && !begun {
                checkWhole(message.batch, there: Set(copies.keys))
            }
        }
    }

    /// All messages of a batch are there, or none is.
    private func checkWhole(_ batch: [BrokerMessage], there: Set<Int>) {
        let count = batch.count { there.contains($0.number) }
        if count > 0 && count < batch.count {
            fail("of the batch of m\(batch[0].number) \(count) of \(batch.count) are there")
        }
    }

    /// What was confirmed before another was sent stands before it.
    private func checkOrder(_ one: Kept) {
        var sentMax = (step: 0, number: -1)
        for offset in one.start..<max(one.start, one.end) {
            guard let number = seen[Place(partition: one.partition, offset: offset)] else { return }
            let message = messages[number]
            if message.delay > 0 || message.attempts > 1 { continue }
            if message.answeredAt < sentMax.step {
                return fail("m\(sentMax.number) overtook m\(number) in \(one.partition)")
            }
            if message.sentAt > sentMax.step { sentMax = (message.sentAt, number) }
        }
    }

    private func check(_ message: BrokerMessage, _ copies: [Place], isTrimmed: Bool) {
        let may = knowsRepeats ? 1 : message.attempts - message.refusals
        if copies.count > max(1, may) {
            return fail("m\(message.number) is there \(copies.count) times")
        }
        let gone = deletions.contains {
            $0.topic == message.topic && $0.answeredAt >= message.sentAt
        }
        if deletions.contains(where: {
            $0.topic == message.topic && $0.isConfirmed && $0.sentAt > message.answeredAt
        }), message.attempts == 1, !copies.isEmpty {
            return fail("m\(message.number) outlived its topic")
        }
        if gone || isTrimmed { return }
        switch message.fate {
        case .stored(let partition, let offset):
            let isThere = copies.contains {
                $0.offset == offset && Int($0.partition.partition) == partition
            }
            if !isThere { fail("m\(message.number) is not at \(partition)-\(offset)") }
        case .held, .done:
            if copies.isEmpty { fail("m\(message.number) was \(message.fate), and is not there") }
        case .open: fail("m\(message.number) was never answered")
        case .unknown: break
        case .refused:
            if !copies.isEmpty { fail("m\(message.number) was refused, and is there") }
        }
    }
}
