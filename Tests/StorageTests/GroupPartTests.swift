import Testing

@testable import Storage

@Suite("The part of a shard in the bounds of a group")
struct GroupPartTests {
    @Test("comes to the bound with those of the others, and is never nothing", arguments: 1...7)
    func sums(count: Int) {
        for bound in 1...40 {
            let parts = (0..<count).map { GroupPart(number: $0, count: count).share(of: bound) }
            #expect(parts.reduce(0, +) == max(bound, count))
            #expect((parts.max() ?? 0) - (parts.min() ?? 0) <= 1)
        }
        #expect(GroupPart(number: 0, count: count).share(of: 0) == 0)
    }
}
