import Bytes
import HTTP
import Kernel

/// A client's connection, as the table of a loop keeps it.
final class BrokerPeer {
    let wire: SimulatedWire
    var http: ServerConnection
    var id = SlabID(index: 0, generation: 0)
    var interest = Interest.input
    var timer: UInt64?
    var isTouched = false

    init(_ wire: SimulatedWire, at now: UInt64) {
        self.wire = wire
        http = ServerConnection(at: now)
    }

    /// Whether a poller would report it.
    var hasEvent: Bool {
        wire.isHungUp || interest.input && wire.isReadable || interest.output && wire.isWritable
    }
}
