package import Bytes
package import HTTP
package import Wire

/// The time as desks take it: one clock for deadlines and one for dates.
package struct TurnTime: Equatable, Sendable {
    /// Milliseconds of the loop's clock.
    package var tick: UInt64
    /// Milliseconds since 1970.
    package var wall: UInt64

    package init(tick: UInt64, wall: UInt64) {
        self.tick = tick
        self.wall = wall
    }
}

/// What a desk asks of storage; the answer comes back under the same number.
package struct DeskCall: Sendable {
    package let id: SlabID
    package let content: StorageCall.Content

    package init(_ id: SlabID, _ content: StorageCall.Content) {
        self.id = id
        self.content = content
    }
}

/// What a desk says to a request that waited for it.
package struct DeskAnswer: Sendable {
    package enum Content: Sendable {
        case response(Response)
        case problem(GatewayError)
    }

    /// Who asked.
    package let caller: Exchange
    package let content: Content
    /// Whether it has leased messages, which go back if it does not leave whole.
    package let isDelivery: Bool

    package init(_ caller: Exchange, _ content: Content, isDelivery: Bool = false) {
        self.caller = caller
        self.content = content
        self.isDelivery = isDelivery
    }
}
