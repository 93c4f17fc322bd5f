import Records
import Simulation
import Testing

@testable import Groups

@Suite("Changes as bytes")
struct JournalTests {
    private static let partition = PartitionID(topic: 300, partition: 2)

    private static var settings: GroupSettings {
        var settings = GroupSettings()
        settings.ordering = .key
        settings.onDead = .block
        settings.keepsExpired = true
        settings.inFlightMax = 0
        settings.rate = 2_000
        settings.lifetime = 60_000
        settings.deadLetterTopic = 77
        settings.filter = Array(#"region = "eu""#.utf8)
        return settings
    }

    private static let failed = [
        FailedMessage(
            offset: 5, attempts: 1, due: 1_000, key: 7, size: 256, mark: 9, reasons: "r",
            consumer: "c", address: "10.0.0.1"),
        FailedMessage(
            offset: 6, attempts: 3, due: 900, expires: 5_000, isBlocked: true, reasons: "r\ns",
            consumer: "c"),
    ]

    static let changes: [GroupChange] = [
        .set(GroupSettings()), .set(settings), .gone, .moved(to: 0, fence: 0),
        .moved(to: 1 << 60, fence: .max), .settled(OffsetRanges(0..<1)),
        .settled(OffsetRanges([1, 2, 3, 9, 1 << 50])), .failed(failed), .dead(failed), .dead([]),
        .redriven(failed, letters: OffsetRanges([5, 6, 9])),
        .redriven([], letters: OffsetRanges(1..<2)),
        .horizon(1_700_000_000_000), .letters([]), .letters(failed),
        .redriving(Redrive(left: nil, rate: 5)),
        .redriving(Redrive(left: 0, rate: nil)),
    ]

    static func bytes(_ changes: [GroupChange]) -> [UInt8] {
        var bytes: [UInt8] = []
        for change in changes { placed(change).append(to: &bytes) }
        return bytes
    }

    private static func placed(_ change: GroupChange) -> PlacedChange {
        let isWhole = [.set, .gone].contains(change.kind)
        return PlacedChange(group: 9, partition: isWhole ? nil : partition, change)
    }

    @Test("come back as they were, alone and together")
    func comeBack() throws {
        for change in Self.changes {
            #expect(try PlacedChange.all(in: Self.bytes([change]).span) == [Self.placed(change)])
        }
        let all = try PlacedChange.all(in: Self.bytes(Self.changes).span)
        #expect(all == Self.changes.map { Self.placed($0) })
        #expect(Set(Self.changes.map(\.kind)).count == GroupChange.Kind.allCases.count)
    }

    @Test("that are cut are refused, and what is changed never traps")
    func refusesDamage() {
        for change in Self.changes {
            let whole = Self.bytes([change])
            for count in 1..<whole.count {
                #expect(throws: GroupsError.damaged) {
                    try PlacedChange.all(in: Array(whole[..<count]).span)
                }
            }
            for place in whole.indices {
                for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF, whole[place] ^ 2, whole[place] ^ 8] {
                    var damaged = whole
                    damaged[place] = value
                    Self.read(damaged)
                }
            }
        }
    }

    private static func read(_ bytes: [UInt8]) {
        do throws(GroupsError) {
            let changes = try PlacedChange.all(in: bytes.span)
            var book = GroupBook()
            book.apply(PlacedChange(group: 9, partition: nil, .set(GroupSettings())))
            book.apply(PlacedChange(group: 9, partition: partition, .moved(to: 0, fence: 0)))
            for change in changes { book.apply(change) }
        } catch {
            #expect(error == .damaged)
        }
    }

    @Test(
        "of many acks are a few bytes",
        arguments: [(1_000, 1, 24), (1_000, 2, 2_024), (100, 10, 224)])
    func acksAreSmall(count: Int, step: Int, sizeMax: Int) {
        let offsets = OffsetRanges((0..<count).map { 1_000_000 + $0 * step })
        #expect(Self.bytes([.settled(offsets)]).count <= sizeMax)
    }

    @Test("keep the last reasons, each in a line")
    func reasons() {
        var reasons = ""
        for reason in ["a", "b\nc", "", "d", "e", String(repeating: "ü", count: 500)] {
            reasons = FailedMessage.reasons(reasons, and: reason)
        }
        let lines = reasons.split(separator: "\n")
        #expect(lines.count == GroupLimits.reasonsMax && lines.first == "b c")
        #expect(reasons.utf8.count <= FailedMessage.textSizeMax)
    }
}
