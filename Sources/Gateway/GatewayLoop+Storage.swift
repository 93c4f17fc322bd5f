import HTTP
import Reactor
import Wire

/// What a turn has to do with storage: calls go out, replies become answers.
extension GatewayLoop {
    /// How often a turn goes to and fro, where an answer of storage leads to another call.
    static let storageRoundsMax = 4

    mutating func serveStorage() {
        guard let storage, let broker = service.broker else { return }
        broker.expire(at: loop.now)
        for _ in 0..<Self.storageRoundsMax {
            broker.endTurn(at: loop.now)
            let calls = broker.takeCalls()
            for call in calls { storage.send(call) }
            let replies = storage.turn(at: loop.nanoseconds)
            for reply in replies { broker.take(reply, at: loop.now) }
            give(broker.takeAnswers())
            stream(broker.takeStreams())
            if !broker.hasCalls { break }
        }
        broker.report(to: metrics)
        metrics.set(storage.counts)
        setStorageAlarm(min(storage.nextDeadline ?? .max, broker.nextDeadline ?? .max))
    }

    private mutating func give(_ answers: [DeskAnswer]) {
        // By their places: to take an answer out of the list is to copy all that it has.
        for index in answers.indices {
            let caller = answers[index].caller
            switch answers[index].content {
            case .response(let response):
                let isDelivery = answers[index].isDelivery
                let isGiven = answer(caller, with: response, isDelivery: isDelivery)
                if isDelivery, !isGiven { service.broker?.note(caller, isDelivered: false) }
            case .problem(let error): _ = refuse(caller, because: error)
            }
        }
    }

    /// Says on streams what there is to say; a client that has gone is forgotten already.
    private mutating func stream(_ pieces: [DeskStream]) {
        for piece in pieces {
            guard let client = client(of: piece.caller) else { continue }
            switch piece.content {
            case .begin(let head):
                if !service.sendStream(&client.http, head, at: loop.now) {
                    service.broker?.forget(piece.caller)
                }
            case .bytes(let bytes):
                guard client.http.isStreaming else { continue }
                service.streamOut(&client.http, bytes, at: loop.now)
                if !client.http.takesMore {
                    client.isHeldUp = true
                    service.broker?.note(piece.caller, takesMore: false)
                }
            case .end:
                if client.http.isStreaming { service.finishStream(&client.http, at: loop.now) }
            }
            touch(client)
        }
    }

    /// Lets a stream go on whose client has caught up.
    func resumeStream(of client: Client) {
        guard client.isHeldUp, client.http.takesMore else { return }
        client.isHeldUp = false
        service.broker?.note(exchange(of: client), takesMore: true)
    }

    /// Names the request that a client waits for.
    func exchange(of client: Client) -> Exchange {
        Exchange(client: client.id, number: client.http.requestNumber)
    }

    /// Makes sure that a turn begins by `due`; one that comes too early is harmless.
    private mutating func setStorageAlarm(_ due: Tick) {
        guard due < .max else { return }
        if let alarm = storageAlarm {
            if alarm.due <= due { return }
            loop.timers.cancel(alarm.timer)
        }
        storageAlarm = (loop.timers.insert(Self.storageTimer, at: max(due, loop.now)), due)
    }
}
