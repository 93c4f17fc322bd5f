import Testing

@testable import CommitLog

@Suite("Log time")
struct LogTimeTests {
    @Test(
        "follows the wall clock, and not its jumps",
        arguments: [
            // Each step: the wall and the boot-time clock, what log time is, and whether it is held.
            ("walks along", [(1_010, 10, 1_010, false), (1_500, 500, 1_500, false)]),
            ("stands still", [(900, 100, 1_000, false), (1_200, 300, 1_200, false)]),
            ("small step ahead", [(11_000, 100, 11_000, false)]),
            ("jump ahead", [(3_601_000, 100, 1_100, true), (3_601_500, 600, 1_600, true)]),
            ("jump and back", [(3_601_000, 100, 1_100, true), (1_200, 200, 1_200, false)]),
            (
                "an hour back, and again",
                [(-3_599_000, 100, 1_000, false), (601_000, 600_000, 601_000, false)]
            ),
            (
                "a slow drift",
                [(62_000, 60_000, 62_000, false), (131_000, 120_000, 131_000, false)]
            ),
        ] as [(String, [(Int, Int, Int, Bool)])])
    func follows(_ name: String, _ steps: [(Int, Int, Int, Bool)]) {
        var time = LogTime(after: 1_000, wall: 1_000, boot: 0)
        for (wall, boot, expected, isHeld) in steps {
            #expect(time.advance(wall: wall, boot: boot) == expected, "\(name)")
            #expect(time.isHeldBack == isHeld, "\(name)")
        }
    }

    @Test("believes an operator")
    func accepts() {
        var time = LogTime(after: 0, wall: 1_000, boot: 0)
        #expect(time.advance(wall: 9_000_000, boot: 5) == 1_005)
        time.accept(wall: 9_000_000, boot: 5)
        #expect(time.advance(wall: 9_000_001, boot: 6) == 9_000_001)
        #expect(!time.isHeldBack)
    }

    @Test("goes on behind what the log has, even if the wall clock is behind")
    func resumes() {
        var time = LogTime(after: 5_000, wall: 1_000, boot: 77)
        #expect(time.advance(wall: 1_100, boot: 177) == 5_000)
    }
}
