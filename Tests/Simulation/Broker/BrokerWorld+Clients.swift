import CommitLog
import HTTP

// What the clients of a world do.
extension BrokerWorld {
    /// Kept, but for the last, which comes and goes.
    private static let topics = ["a", "b", "c"]

    func actClient() {
        if clients.count < Self.clientsMax && (clients.isEmpty || dice.oneIn(3)) {
            return connect()
        }
        let client = dice.pick(clients)
        if dice.oneIn(25) {
            tally.vanished += 1
            leave(client)
            clients.removeAll { $0 === client }
            return
        }
        if let chain = client.chain {
            if client.isWaiting || client.requestsLeft == 0 { return }
            client.requestsLeft -= 1
            return client.send(
                chain.request(
                    "r\(nextNumber())", wait: dice.pick([0, 0, 300, 20_000]),
                    messagesMax: dice.pick([1, 3, 100])))
        }
        for _ in 0..<dice.number(in: 1...3) where client.requestsLeft > 0 {
            client.requestsLeft -= 1
            client.send(nextRequest())
        }
        if client.requestsLeft == 0 && !client.isWaiting {
            leave(client)
            clients.removeAll { $0 === client }
        }
    }

    private func connect() {
        guard !loops.isEmpty else { return }
        let wire = SimulatedWire(
            dice, capacity: dice.pick([300, 65_536]), isForgetful: false)
        let chain = dice.oneIn(3) ? BrokerChain(dice.pick(["a", "b"])) : nil
        clients.append(
            BrokerClient(
                wire, requests: dice.number(in: 1...12), isSlow: dice.oneIn(4), chain: chain))
        dice.pick(loops).connect(BrokerPeer(wire, at: UInt64(place.now.boot)))
    }

    /// Takes what came for a client, and tells the model.
    func take(_ client: BrokerClient, all: Bool = false) {
        client.wire.take(all || !client.isSlow ? .max : dice.number(in: 0...200))
        read(client, all: all)
    }

    private func read(_ client: BrokerClient, all: Bool) {
        while let next = client.nextAnswer(all: all) {
            guard let (request, answer) = next else { return fail("an answer that nobody needs") }
            model.answered(request, answer, at: step)
        }
    }

    /// The connection ends; what was on its way may have come.
    func leave(_ client: BrokerClient) {
        read(client, all: true)
        for request in client.open { model.lost(request) }
        client.vanish()
    }

    // MARK: Requests

    private func nextRequest() -> BrokerRequest {
        let id = "r\(nextNumber())"
        let topic = dice.pick(Self.topics)
        switch dice.number(in: 0...29) {
        case 0: return delete(id)
        case 1, 2: return put(topic, id)
        case 3: return BrokerRequest("GET /v1/topics/\(topic)", id: id, .other)
        case 4...9: return batch(topic, id)
        case 10...12: if let again = again(id) { return again }
        default: break
        }
        return single(topic, id)
    }

    private func delete(_ id: String) -> BrokerRequest {
        let topic = Self.topics[Self.topics.count - 1]
        tally.deletions += 1
        let deletion = model.deletes(topic, at: step)
        return BrokerRequest(
            "DELETE /v1/topics/\(topic)?confirm=\(topic)", id: id,
            .delete(topic: topic, deletion: deletion))
    }

    private func put(_ topic: String, _ id: String) -> BrokerRequest {
        let text = #"{"partitions":\#(dice.number(in: 2...4))}"#
        return BrokerRequest(
            "PUT /v1/topics/\(topic)", id: id, .other, fields: ["Content-Type: application/json"],
            body: Array(text.utf8))
    }

    private func message(in topic: String) -> BrokerMessage {
        let size = dice.oneIn(6) ? dice.number(in: 0...2_500) : dice.number(in: 0...40)
        let message = model.make(in: topic, size: size)
        switch dice.number(in: 0...3) {
        case 0: message.key = "k\(dice.number(in: 0...4))"
        case 1: message.partition = dice.number(in: 0...1)
        default: break
        }
        return message
    }

    private func single(_ topic: String, _ id: String) -> BrokerRequest {
        let message = message(in: topic)
        if dice.oneIn(8) { message.delay = dice.number(in: 1...20_000) }
        if dice.oneIn(3) { message.idempotencyKey = "i\(message.number)" }
        model.sent(message, at: step, wall: place.now.wall)
        let ttl: Int? = message.delay == 0 && dice.oneIn(8) ? dice.number(in: 1...100_000) : nil
        message.mayExpire = ttl != nil
        return .publish(message, id: id, isBuffered: dice.oneIn(8), ttl: ttl)
    }

    private func batch(_ topic: String, _ id: String) -> BrokerRequest {
        let messages = (0..<dice.number(in: 1...4)).map { _ in message(in: topic) }
        if dice.oneIn(2), let first = messages.first {
            // All of one partition, so that shards need not agree.
            for message in messages {
                (message.key, message.partition) = (first.key, first.partition)
            }
        }
        let key = dice.oneIn(3) ? messages.first.map { "b\($0.number)" } : nil
        for message in messages {
            if dice.oneIn(12) { message.delay = dice.number(in: 1...20_000) }
            (message.idempotencyKey, message.batch) = (key, messages)
        }
        for message in messages { model.sent(message, at: step, wall: place.now.wall) }
        return .publish(batch: messages, to: topic, id: id)
    }

    /// The repeat of a publish that nobody knows the fate of.
    private func again(_ id: String) -> BrokerRequest? {
        let doubtful = model.messages.suffix(60).filter {
            $0.idempotencyKey != nil && ($0.fate == .unknown || $0.fate == .refused)
        }
        guard !doubtful.isEmpty else { return nil }
        let message = dice.pick(doubtful)
        tally.repeats += 1
        guard message.batch.isEmpty else {
            for one in message.batch { model.sent(one, at: step, wall: place.now.wall) }
            return .publish(batch: message.batch, to: message.topic, id: id)
        }
        model.sent(message, at: step, wall: place.now.wall)
        return .publish(message, id: id, isBuffered: false, ttl: nil)
    }
}
