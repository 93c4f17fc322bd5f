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
            if !broker.hasCalls { break }
        }
        setStorageAlarm(min(storage.nextDeadline ?? .max, broker.nextDeadline ?? .max))
    }

    private mutating func give(_ answers: [DeskAnswer]) {
        for answer in answers {
            switch answer.content {
            case .response(let response): _ = self.answer(answer.caller, with: response)
            case .problem(let error): _ = refuse(answer.caller, because: error)
            }
        }
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
