import Bytes
import Gateway
package import Kernel

/// The chances of a world, shared by all that happens in it.
package final class Dice {
    package var random: SeededRandom

    package init(seed: UInt64) { random = SeededRandom(seed: seed) }

    package func number(in range: ClosedRange<Int>) -> Int { random.number(in: range) }
    package func oneIn(_ count: Int) -> Bool { random.oneIn(count) }
    package func pick<Element>(_ elements: [Element]) -> Element { random.pick(elements) }
}

/// One TCP connection between a client and the server, with the kernels of both.
///
/// It keeps all that the server read and wrote, for the referee.
package final class SimulatedWire: ClientSocket {
    private let dice: Dice
    /// The bytes on their way to the client that the kernels hold.
    private let capacity: Int
    /// Whether the server is told of fewer bytes than were taken: a mistake to be caught.
    private let isForgetful: Bool
    private var inbound: [UInt8] = []
    /// How much of `inbound` the server has read.
    private var taken = 0
    private var clientHasEnded = false
    private var hasToldEnd = false
    private(set) var serverHasEnded = false
    package private(set) var isBroken = false
    /// Bytes that wait for the client to take them.
    private(set) var waiting = 0
    private(set) var read: [UInt8] = []
    private(set) var wrote: [UInt8] = []

    init(_ dice: Dice, capacity: Int, isForgetful: Bool) {
        self.dice = dice
        self.capacity = capacity
        self.isForgetful = isForgetful
    }

    // MARK: The server's side

    private var hasInbound: Bool { taken < inbound.count }
    var isReadable: Bool { hasInbound || clientHasEnded && !hasToldEnd }
    /// Whether all that is left to hear is the client's end.
    var isAtEnd: Bool { !hasInbound && clientHasEnded }
    var isWritable: Bool { waiting < capacity }
    /// What the poller reports unasked: nothing will ever move again.
    var isHungUp: Bool { isBroken || serverHasEnded && isAtEnd }

    package func receive(into buffer: inout [UInt8]) -> ReadResult {
        if isBroken { return .broken }
        if !hasInbound {
            hasToldEnd = clientHasEnded
            return clientHasEnded ? .ended : .wouldBlock
        }
        let there = min(inbound.count - taken, buffer.count)
        let count = dice.oneIn(3) ? dice.number(in: 1...there) : there
        buffer.replaceSubrange(0..<count, with: inbound[taken..<taken + count])
        read += inbound[taken..<taken + count]
        taken += count
        return .bytes(count)
    }

    package func send(_ bytes: [UInt8], from start: Int) -> WriteResult {
        if isBroken { return .broken }
        let room = min(capacity - waiting, bytes.count - start)
        if room == 0 { return .wouldBlock }
        let count = dice.oneIn(3) ? dice.number(in: 1...room) : room
        wrote += bytes[start..<start + count]
        waiting += count
        return .bytes(isForgetful && count > 1 && dice.oneIn(8) ? count - 1 : count)
    }

    package func finishSending() { serverHasEnded = true }

    // MARK: The client's side

    func deliver(_ bytes: ArraySlice<UInt8>) { inbound += bytes }
    func endFromClient() { clientHasEnded = true }
    func vanish() { isBroken = true }

    /// The client takes at most `count` bytes.
    func take(_ count: Int) { waiting -= min(count, waiting) }
}
