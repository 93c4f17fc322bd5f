import Testing

@testable import Bytes

@Suite("A slab")
struct SlabTests {
    @Test("An element is found by its id until it is removed, and never after")
    func insertFindRemove() {
        var slab = Slab<String>()
        let first = slab.insert("a")
        let second = slab.insert("b")
        #expect(slab[first] == "a")
        #expect(slab.remove(first) == "a")
        #expect(slab.remove(first) == nil)
        #expect(slab[first] == nil)
        #expect(slab[second] == "b")
        #expect(slab.count == 1)
    }

    @Test("A reused place has another id")
    func reuse() {
        var slab = Slab<Int>()
        let old = slab.insert(1)
        _ = slab.remove(old)
        let new = slab.insert(2)
        #expect(new.index == old.index)
        #expect(new != old)
        #expect(slab[old] == nil)
        #expect(slab[new] == 2)
    }

    @Test("An id survives the way through its 64 bits, and no id is zero")
    func raw() {
        var slab = Slab<Int>()
        let id = slab.insert(7)
        #expect(SlabID(raw: id.raw) == id)
        #expect(id.raw >= 1 << 32)
        #expect(slab[SlabID(raw: 0)] == nil)
        #expect(slab[SlabID(index: 5_000_000, generation: 1)] == nil)
    }

    @Test("A free place that was never used does not answer to its first generation")
    func freePlaceIsAbsent() {
        var slab = Slab<Int>()
        _ = slab.insert(7)
        #expect(slab[SlabID(index: 1, generation: 1)] == nil)
    }

    @Test("Growing keeps every id, and all elements are listed")
    func growth() {
        var slab = Slab<Int>()
        let ids = (0..<10_000).map { slab.insert($0) }
        #expect(slab.count == 10_000)
        let areFound = ids.indices.allSatisfy { slab[ids[$0]] == $0 }
        #expect(areFound)
        #expect(slab.all() == Array(0..<10_000))
        for id in ids { _ = slab.remove(id) }
        #expect(slab.isEmpty)
    }

    @Test("A hundred thousand random steps agree with a dictionary")
    func random() {
        var state: UInt64 = 42
        func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        var slab = Slab<UInt64>()
        var model: [SlabID: UInt64] = [:]
        var live: [SlabID] = []
        for step in UInt64(0)..<100_000 {
            // The share of inserts swings, so that chunks fill and run empty again and again.
            if live.isEmpty || next() % 100 < (step / 5_000 % 2 == 0 ? 70 : 30) {
                let id = slab.insert(step)
                #expect(model.updateValue(step, forKey: id) == nil)
                live.append(id)
            } else {
                let id = live.remove(at: Int(next()) % live.count)
                #expect(slab.remove(id) == model.removeValue(forKey: id))
                #expect(slab[id] == nil)
            }
        }
        #expect(slab.count == model.count)
        let agrees = model.allSatisfy { slab[$0.key] == $0.value }
        #expect(agrees)
    }
}
