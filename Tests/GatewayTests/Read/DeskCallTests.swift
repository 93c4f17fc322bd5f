import Bytes
import Testing
import Wire

@testable import Gateway

@Suite("A call of a desk")
struct DeskCallTests {
    @Test("takes back the watch under the ticket that it had")
    func unwatch() {
        let id = SlabID(index: 3, generation: 1)
        let bits: UInt64 = 1 << 30
        let watch = DeskCall(id, .shard(2, .watch(Watch(parts: [])))).storageCall(marked: bits)
        let unwatch = DeskCall(id, .shard(2, .unwatch(ticket: id.raw))).storageCall(marked: bits)
        guard case .shard(2, .unwatch(let ticket)) = unwatch.content else {
            Issue.record("it is another call")
            return
        }
        #expect(ticket == watch.ticket)
        #expect(SlabID(raw: watch.ticket & ~bits) == id)
    }
}
