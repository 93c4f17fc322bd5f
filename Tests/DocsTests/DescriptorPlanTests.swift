import Testing

@testable import posthorn

@Suite("How descriptors are divided")
struct DescriptorPlanTests {
    @Test(
        "the smallest total serves one client, and one less serves none",
        arguments: [(1, 1), (1, 2), (2, 2), (8, 2), (2, 64), (256, 1_024)])
    func smallest(loops: Int, shards: Int) {
        let total = DescriptorPlan.totalMin(loops: loops, shards: shards)
        #expect(DescriptorPlan(total: total, loops: loops, shards: shards).connectionsMax >= 1)
        #expect(DescriptorPlan(total: total - 1, loops: loops, shards: shards).connectionsMax < 1)
    }

    @Test(
        "what the clients do not get is enough for everything else",
        arguments: [64, 256, 1_024, 20_000, 1_000_000])
    func rest(total: Int) {
        let plan = DescriptorPlan(total: total, loops: 2, shards: 2)
        let files = 2 * 2 * plan.openFilesMax + 2 * plan.turnedAwayMax
        #expect(total - plan.connectionsMax > files + 2 * DescriptorPlan.loopNeeds)
        #expect(plan.connectionsMax >= total - total / 4 - 60)
    }
}
