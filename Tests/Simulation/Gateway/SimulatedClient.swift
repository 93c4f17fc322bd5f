import HTTP

/// One client of a world: its script, and how far it has come.
final class SimulatedClient {
    let name: String
    let script: ClientScript
    let wire: SimulatedWire
    private let dice: Dice
    private var sent = 0
    private(set) var hasVanished = false
    private var hasEnded = false
    /// Until when it does nothing.
    private var sleepsUntil: UInt64 = 0
    private let vanishesAt: Int

    init(name: String, script: ClientScript, wire: SimulatedWire, dice: Dice) {
        self.name = name
        self.script = script
        self.wire = wire
        self.dice = dice
        vanishesAt =
            script.end == .vanishes ? dice.number(in: 0...max(1, script.wire.count)) : Int.max
    }

    /// Whether it has sent all that it ever will.
    var isDone: Bool { hasVanished || sent == script.wire.count && (!endsByItself || hasEnded) }

    /// Whether it takes all that it is sent, to the end.
    var isPatient: Bool { !hasVanished && script.reading == .all }

    private var endsByItself: Bool { script.end == .halfCloses || script.end == .closesWhenDone }

    /// Does a little of what its script says.
    func act(at now: UInt64) {
        if hasVanished { return }
        read()
        if now < sleepsUntil { return }
        if sent >= vanishesAt && dice.oneIn(3) {
            hasVanished = true
            return wire.vanish()
        }
        if sent < script.wire.count { return write(at: now) }
        let isFinished = script.end == .halfCloses || wire.serverHasEnded
        if endsByItself && !hasEnded && (isFinished || dice.oneIn(20)) {
            hasEnded = true
            wire.endFromClient()
        }
    }

    private func read() {
        switch script.reading {
        case .all: wire.take(.max)
        case .slowly: wire.take(dice.number(in: 0...3_000))
        case .never: break
        }
    }

    private func write(at now: UInt64) {
        let left = script.wire.count - sent
        var count = left
        switch script.pace {
        case .eager: if dice.oneIn(3) { count = dice.number(in: 1...left) }
        case .pieces: count = dice.number(in: 1...min(left, 2_000))
        case .dribble: count = 1
        case .sluggish:
            count = dice.number(in: 1...min(left, 700))
            sleepsUntil = now + UInt64(dice.number(in: 0...15_000))
        }
        wire.deliver(script.wire[sent..<sent + count])
        sent += count
    }
}
