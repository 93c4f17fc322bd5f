import Testing

@testable import Bytes

/// An element that cannot be copied and tells when it goes away.
private struct Owned: ~Copyable {
    let number: Int
    let gone: Tally
    deinit { gone.count += 1 }
}

private final class Tally { var count = 0 }

@Suite("A slab")
struct SlabTests {
    @Test("An element is found by its id until it is removed, and never after")
    func insertFindRemove() {
        var slab = Slab<String>()
        let first = slab.insert("a")
        let second = slab.insert("b")
        #expect(slab.find(first) == "a")
        #expect(slab.remove(first) == "a")
        #expect(slab.remove(first) == nil)
        #expect(slab.contains(first) == false)
        #expect(slab.find(second) == "b")
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
        #expect(slab.find(old) == nil)
        #expect(slab.find(new) == 2)
    }

    @Test("An id survives the way through its 64 bits, and no id is zero")
    func raw() {
        var slab = Slab<Int>()
        let id = slab.insert(7)
        #expect(SlabID(raw: id.raw) == id)
        #expect(id.raw >= 1 << 32)
        #expect(slab.contains(SlabID(raw: 0)) == false)
        #expect(slab.contains(SlabID(index: 5_000_000, generation: 1)) == false)
    }

    @Test("A free place that was never used does not answer to its first generation")
    func freePlaceIsAbsent() {
        var slab = Slab<Int>()
        _ = slab.insert(7)
        #expect(slab.contains(SlabID(index: 1, generation: 1)) == false)
    }

    @Test("An element is changed in place")
    func modify() {
        var slab = Slab<[Int]>()
        let id = slab.insert([1])
        slab[id].append(2)
        #expect(slab[id] == [1, 2])
    }

    @Test("Elements that cannot be copied are lent, given back once, and dropped with the slab")
    func noncopyable() {
        let gone = Tally()
        var slab = Slab<Owned>()
        let kept = slab.insert(Owned(number: 1, gone: gone))
        let removed = slab.insert(Owned(number: 2, gone: gone))
        #expect(slab[kept].number == 1)
        _ = slab.remove(removed)
        #expect(gone.count == 1)
        slab = Slab<Owned>()
        #expect(gone.count == 2)
    }

    @Test("Growing past many chunks keeps every id, and the ids are all listed")
    func growth() {
        var slab = Slab<Int>()
        let ids = (0..<10_000).map { slab.insert($0) }
        #expect(slab.count == 10_000)
        let areFound = ids.indices.allSatisfy { slab.find(ids[$0]) == $0 }
        #expect(areFound)
        #expect(slab.ids() == ids)
        for id in slab.ids() { _ = slab.remove(id) }
        #expect(slab.count == 0)
        let isReleased = slab.chunks.allSatisfy { $0 == nil }
        #expect(isReleased)
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
                #expect(slab.contains(id) == false)
            }
        }
        #expect(slab.count == model.count)
        let agrees = model.allSatisfy { slab.find($0.key) == $0.value }
        #expect(agrees)
    }
}
