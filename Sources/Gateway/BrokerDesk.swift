// The desks of a loop that need storage, and the tickets of their calls. Requests come in from the
// service, replies from the storage port; calls and answers go out. It has no socket and no clock.

import Bytes
package import HTTP
package import Kernel
package import Wire

/// Everything on a loop that asks storage.
package final class BrokerDesk {
    /// Which desk a call is of: bits of its ticket that no place in a slab ever reaches.
    private static let publishingBit: UInt64 = 1 << 31
    private static let readingBit: UInt64 = 1 << 30
    private static let groupBit: UInt64 = 1 << 29
    private static let pullBit: UInt64 = 1 << 28
    private static let sweepBit: UInt64 = 1 << 27
    private static let deskBits = publishingBit | readingBit | groupBit | pullBit | sweepBit

    private var topics: TopicMap
    private var groups = GroupMap()
    private var topicDesk: TopicDesk
    private var groupDesk: GroupDesk
    private var publishDesk: PublishDesk
    private var readDesk: ReadDesk
    private var pullDesk: PullDesk
    private var groupSweep: GroupSweep
    /// Milliseconds since 1970, as of this turn.
    package var wall: UInt64 = 0

    package init(
        _ settings: PublishSettings, reads: ReadSettings? = nil, nearShard: UInt16? = nil,
        at tick: UInt64 = 0
    ) {
        topics = TopicMap(seed: settings.seed, nearShard: nearShard)
        topicDesk = TopicDesk(timeout: settings.timeout)
        groupDesk = GroupDesk(timeout: settings.timeout)
        publishDesk = PublishDesk(settings)
        readDesk = ReadDesk(
            reads ?? ReadSettings(seed: settings.seed), at: TurnTime(tick: tick, wall: 0))
        pullDesk = PullDesk(
            PullSettings(hashKey: settings.hashKey, seed: settings.seed),
            at: TurnTime(tick: tick, wall: 0))
        groupSweep = GroupSweep(seed: settings.seed, at: tick)
    }

    func change(to settings: GatewaySettings) {
        topicDesk.timeout = settings.publishTimeout
        groupDesk.timeout = settings.publishTimeout
        groupDesk.createsTopics = settings.createsTopics
        publishDesk.settings.timeout = settings.publishTimeout
        publishDesk.settings.createsTopics = settings.createsTopics
        readDesk.settings.createsTopics = settings.createsTopics
        pullDesk.settings.createsTopics = settings.createsTopics
    }
}

// MARK: Requests

extension BrokerDesk {
    /// Answers `request`, or takes what it needs of it and returns nil: then its answer comes out of
    /// `takeAnswers`.
    package func serve(
        _ operation: Operation, _ request: Request, for caller: Exchange,
        from address: IPAddress? = nil, at tick: UInt64
    ) throws(GatewayError) -> Response? {
        let now = TurnTime(tick: tick, wall: wall)
        switch operation {
        case .publishMessage: try publish(request, for: caller, at: now)
        case .publishBatch: try publishBatch(request, for: caller, at: now)
        case .readMessages:
            try readDesk.read(
                try ReadOptions(request, readDesk.settings), of: Self.topicName(in: request),
                for: caller, in: topics, at: now)
        case .getMessage:
            let id = [UInt8]((request.segment(4) ?? "").utf8)
            // The first type of the route is whatever the message is of.
            try readDesk.get(
                id[...], isEnvelope: request.answerType == 1, of: Self.topicName(in: request),
                for: caller, in: topics, at: now)
        case .putTopic:
            try topicDesk.put(
                request.segment(2) ?? "", body: request.body, for: caller, at: now)
        case .getTopic:
            try topicDesk.show(request.segment(2) ?? "", for: caller, at: now)
        case .deleteTopic:
            try topicDesk.delete(
                request.segment(2) ?? "", confirm: request.parameter("confirm"), for: caller,
                at: now)
        case .listTopics:
            return try TopicDesk.list(
                &topics, after: request.parameter("after"), limit: request.parameter("limit"))
        case .putGroup:
            try groupDesk.put(
                request.segment(2) ?? "", body: request.body, for: caller, at: now)
        case .getGroup:
            try groupDesk.show(request.segment(2) ?? "", for: caller, at: now)
        case .deleteGroup:
            try groupDesk.delete(request.segment(2) ?? "", for: caller, at: now)
        case .pull:
            try pullDesk.pull(
                try PullOrder(request, pullDesk.settings), of: request.segment(2) ?? "",
                for: caller, from: address?.description ?? "", in: topics, groups, at: now)
        case .settle:
            try pullDesk.settle(
                try Self.read(request, SettleBody.read), of: request.segment(2) ?? "",
                for: caller, in: topics, groups, at: now)
        case .seekGroup:
            try groupDesk.control(
                .seek(try Self.read(request, ControlBody.seek)), of: request.segment(2) ?? "",
                for: caller, in: topics, at: now)
        case .redriveGroup:
            try groupDesk.control(
                .redrive(try Self.read(request, ControlBody.redrive)),
                of: request.segment(2) ?? "", for: caller, in: topics, at: now)
        case .listDeadLetters:
            try groupDesk.letters(
                try LetterOrder(
                    topic: request.parameter("topic"), after: request.parameter("after"),
                    limit: request.parameter("limit")),
                of: request.segment(2) ?? "", for: caller, in: topics, at: now)
        case .listGroups:
            return try GroupDesk.list(
                &groups, after: request.parameter("after"), limit: request.parameter("limit"))
        case .getService, .getHealth, .getReadiness, .getMetrics, .getLimits,
            .getContractYaml, .getContractJson, .deferred:
            preconditionFailure("this needs no storage")
        }
        return nil
    }

    private static func read<Order>(
        _ request: Request, _ body: (ArraySlice<UInt8>) throws(BodyError) -> Order
    ) throws(GatewayError) -> Order {
        do throws(BodyError) { return try body(request.body) } catch { throw .body(error) }
    }

    private func publish(
        _ request: Request, for caller: Exchange, at now: TurnTime
    ) throws(GatewayError) {
        let options: PublishOptions
        do throws(PublishError) {
            options = try PublishOptions(request, at: now)
        } catch {
            throw .publish(error)
        }
        try publishDesk.publish(
            request.body, options, to: Self.topicName(in: request), for: caller, in: topics,
            at: now)
    }

    private func publishBatch(
        _ request: Request, for caller: Exchange, at now: TurnTime
    ) throws(GatewayError) {
        let options: PublishOptions
        do throws(PublishError) {
            options = try PublishOptions(ofBatch: request)
        } catch {
            throw .publish(error)
        }
        guard let form = request.bodyType.flatMap(BatchOrder.Form.init(rawValue:)) else {
            preconditionFailure("a batch was admitted for its type")
        }
        let name = [UInt8](Self.topicName(in: request))
        var order = BatchOrder(caller: caller, form: form, body: request.takeBody())
        order.durability = options.durability
        order.idempotencyKey = options.idempotencyKey.map { [UInt8]($0) }
        order.isLenient = Self.isLenient(request)
        try publishDesk.publish(order, to: name[...], in: topics, at: now)
    }

    /// The name of the topic in the target, where it lies.
    private static func topicName(in request: Request) -> ArraySlice<UInt8> {
        let source = request.source
        let start = request.headRange.lowerBound
        let head = source.span.extracting(request.headRange)
        guard let text = request.targetParts.segment(at: 2, in: head) else { return [] }
        if text.isPlain(in: head) {
            return source[start + text.range.lowerBound..<start + text.range.upperBound]
        }
        do throws(HTTPError) {
            return try text.bytes(in: head)[...]
        } catch {
            return []
        }
    }

    /// Whether `Prefer: handling=lenient` is among the wishes (RFC 7240).
    private static func isLenient(_ request: Request) -> Bool {
        for field in request.fields(.prefer) {
            let wishes = String(decoding: request.source[field.value], as: UTF8.self)
                .asciiLowercased
            for wish in wishes.split(separator: ",") {
                let words = wish.split(whereSeparator: { $0 == " " || $0 == "\"" || $0 == "\t" })
                if words.joined() == "handling=lenient" { return true }
            }
        }
        return false
    }
}

// MARK: Storage

extension BrokerDesk {
    /// Closes what this turn has collected; `takeCalls` has it then.
    package func endTurn(at tick: UInt64) {
        publishDesk.endTurn(at: TurnTime(tick: tick, wall: wall))
    }

    /// What is to be sent to storage, in this order.
    package func takeCalls() -> [StorageCall] {
        var calls = topicDesk.takeCalls().map { StorageCall(ticket: $0.id.raw, $0.content) }
        for call in groupDesk.takeCalls() {
            calls.append(StorageCall(ticket: call.id.raw | Self.groupBit, call.content))
        }
        for call in publishDesk.takeCalls() {
            calls.append(
                StorageCall(ticket: call.id.raw | Self.publishingBit, call.content))
        }
        for call in readDesk.takeCalls() {
            calls.append(call.storageCall(marked: Self.readingBit))
        }
        for call in pullDesk.takeCalls() {
            calls.append(call.storageCall(marked: Self.pullBit))
        }
        for call in groupSweep.takeCalls() {
            calls.append(call.storageCall(marked: Self.sweepBit))
        }
        return calls
    }

    /// Whether something waits to be sent, or to be closed by `endTurn` first.
    package var hasCalls: Bool {
        topicDesk.hasCalls || groupDesk.hasCalls || publishDesk.hasCalls || readDesk.hasCalls
            || pullDesk.hasCalls || groupSweep.hasCalls
    }

    /// Takes what came back; it may lead to calls and to answers.
    package func take(_ reply: StorageReply, at tick: UInt64) {
        let now = TurnTime(tick: tick, wall: wall)
        switch reply {
        case .news(.topic(let news)):
            topics.apply(news)
            readDesk.hear(news, in: topics)
            pullDesk.hear(news, in: topics, at: now)
        case .news(.group(let news)):
            groups.apply(news)
            pullDesk.hear(news)
            groupDesk.hear(news, in: topics)
            groupSweep.hear(news, at: tick)
        case .news(.secrets(let secrets)): pullDesk.hear(secrets, at: now)
        case .shard(let ticket, let answer):
            let id = SlabID(raw: ticket & ~Self.deskBits)
            switch ticket & Self.deskBits {
            case Self.publishingBit: publishDesk.take(id, answer, at: now)
            case Self.readingBit: readDesk.take(id, answer, at: now)
            case Self.groupBit: groupDesk.take(id, answer, in: topics, at: now)
            case Self.pullBit: pullDesk.take(id, answer, at: now)
            case Self.sweepBit:
                groupSweep.take(id, answer, at: tick) { pullDesk.isPulled($0) }
            default: topicDesk.take(id, answer)
            }
        case .coordinator(let ticket, let answer):
            let id = SlabID(raw: ticket & ~Self.deskBits)
            switch ticket & Self.deskBits {
            case Self.publishingBit: publishDesk.take(id, answer, into: &topics, at: now)
            case Self.readingBit: readDesk.take(id, answer, into: &topics, at: now)
            case Self.groupBit: groupDesk.take(id, answer, into: &topics, &groups)
            case Self.pullBit: pullDesk.take(id, answer, into: &topics, &groups, at: now)
            case Self.sweepBit: groupSweep.take(id, answer, at: tick)
            default: topicDesk.take(id, answer, into: &topics)
            }
        }
    }

    /// What is to be said to requests of earlier turns.
    package func takeAnswers() -> [DeskAnswer] {
        var answers = publishDesk.takeAnswers()
        answers += topicDesk.takeAnswers()
        answers += groupDesk.takeAnswers()
        answers += readDesk.takeAnswers()
        answers += pullDesk.takeAnswers()
        return answers
    }

    /// What is to be streamed to clients, in this order.
    package func takeStreams() -> [DeskStream] { readDesk.takeStreams() }

    /// When `expire` has to be called at the latest.
    package var nextDeadline: UInt64? {
        [
            topicDesk.nextDeadline, groupDesk.nextDeadline, publishDesk.nextDeadline,
            readDesk.nextDeadline, pullDesk.nextDeadline, groupSweep.nextDeadline,
        ].compactMap(\.self).min()
    }

    /// Answers those who waited too long.
    package func expire(at tick: UInt64) {
        let now = TurnTime(tick: tick, wall: wall)
        topicDesk.expire(at: now)
        groupDesk.expire(in: topics, at: now)
        pullDesk.expire(in: topics, groups, at: now)
        publishDesk.expire(at: now)
        readDesk.expire(at: now)
        groupSweep.expire(in: topics, at: tick) { pullDesk.isPulled($0) }
    }

    /// Adds what was published and read since the last call to the numbers.
    func report(to metrics: GatewayMetrics) {
        metrics.add(takeCounts(), inFlight: inFlight)
        readDesk.report(to: metrics)
        pullDesk.report(to: metrics)
    }

    /// What was published since the last call.
    package func takeCounts() -> PublishCounts {
        defer { publishDesk.counts = PublishCounts() }
        return publishDesk.counts
    }

    /// Publishes that wait for storage.
    package var inFlight: Int { publishDesk.callerCount }
}

// MARK: Clients

extension BrokerDesk {
    /// The client is gone: nothing that waited for it waits any more.
    package func forget(_ caller: Exchange) {
        readDesk.forget(caller)
        pullDesk.forget(caller)
    }

    /// The answer with messages on lease has left whole, or never will.
    package func note(_ caller: Exchange, isDelivered: Bool) {
        if isDelivered {
            pullDesk.delivered(caller)
        } else {
            pullDesk.undelivered(caller, in: topics)
        }
    }

    /// The client says that it will send no more: if it is parked, it gets what there is.
    package func inputEnded(_ caller: Exchange, at tick: UInt64) {
        readDesk.inputEnded(caller, at: TurnTime(tick: tick, wall: wall))
        pullDesk.inputEnded(caller, at: TurnTime(tick: tick, wall: wall))
    }

    /// Whether the client of a stream keeps up with it.
    package func note(_ caller: Exchange, takesMore: Bool) {
        if takesMore { readDesk.resume(caller) } else { readDesk.pause(caller) }
    }

    /// The process is about to end: those who are parked are answered one after another until then.
    package func drain(until end: UInt64, at tick: UInt64) {
        readDesk.drain(until: end, at: TurnTime(tick: tick, wall: wall))
        pullDesk.drain(until: end, at: TurnTime(tick: tick, wall: wall))
    }

}
