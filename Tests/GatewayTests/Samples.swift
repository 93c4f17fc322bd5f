import Bytes
import HTTP
import Records
import Wire

@testable import Gateway

/// A topic whose partitions go round the shards.
func sampleTopic(
    _ name: String = "orders", id: UInt32 = 1, partitions: Int = 4, shards: Int = 1,
    durability: Durability = .replicated, messageSizeMax: Int = 1 << 20
) -> Topic {
    Topic(
        id: id, name: name,
        settings: TopicSettings(
            partitions: partitions, retention: 7 * 86_400_000, retentionBytes: nil,
            messageSizeMax: messageSizeMax, durability: durability, compression: .none,
            dedupWindow: 900_000, backlogMax: nil),
        shards: (0..<partitions).map { UInt16($0 % shards) }, createdAt: 1_700_000_000_000)
}

func exchange(_ number: Int) -> Exchange {
    Exchange(client: SlabID(index: UInt32(number), generation: 1), number: 1)
}

func moment(_ tick: UInt64 = 1_000) -> TurnTime {
    TurnTime(tick: tick, wall: 1_700_000_000_000 + tick)
}

/// A head without a body behind it, as an admitted request has it.
func sampleRequest(_ line: String, _ fields: [String]) -> Request? {
    let desk = Desk(routes: [
        Route(
            path: "/v1/topics/{topic}/messages", method: .post, operation: .deferred,
            produces: ["application/json"],
            parameters: [.prefixed("")], options: .options)
    ])
    _ = desk.ask(line, fields, body: [])
    return desk.request
}

func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
