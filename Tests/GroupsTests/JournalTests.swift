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
        settings.rateThousandths = 2_000
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
            offset: 6, attempts: 3, due: 900, expires: 5_000, isBlocked: true, owesCopy: true,
            reasons: "r\ns", consumer: "c"),
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
        .copied(OffsetRanges([5, 6, 9]), topic: 300), .copied(OffsetRanges(), topic: 0),
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

    /// What version 1 wrote, of group 9 in partition 2 of topic 300.
    static let fixture: [(change: GroupChange, bytes: [UInt8])] = [
        (
            .set(GroupSettings()),
            [
                1, 9, 27, 0, 0, 0, 0xB0, 0xEA, 1, 16, 5, 0xE8, 7, 0x88, 0x27, 0xB0, 0xEA, 1, 0xC0,
                0xA9, 7, 0xC0, 0xCF, 0x24, 0, 0, 0, 0, 0, 0,
            ]
        ),
        (.gone, [2, 9, 0]),
        (.moved(to: 5, fence: 1 << 40 | 3), [3, 9, 0xAC, 2, 2, 9, 5, 3, 0, 0, 0, 0, 1, 0, 0]),
        (.settled(OffsetRanges([1, 2, 3, 9])), [4, 9, 0xAC, 2, 2, 4, 1, 2, 5, 0]),
        (
            .failed([
                FailedMessage(
                    offset: 5, attempts: 1, due: 1_000, key: 7, size: 256, mark: 9, reasons: "r",
                    consumer: "c")
            ]),
            [
                5, 9, 0xAC, 2, 2, 23, 2, 1, 0x72, 1, 0x63, 1, 5, 1, 0xE8, 7, 0x80, 2, 9, 0, 0, 0, 7,
                0, 0, 0, 1, 2, 0,
            ]
        ),
        (.dead([]), [6, 9, 0xAC, 2, 2, 1, 0]),
        (.redriven([], letters: OffsetRanges(5..<7)), [7, 9, 0xAC, 2, 2, 4, 2, 5, 1, 0]),
        (.horizon(300), [8, 9, 0xAC, 2, 2, 2, 0xAC, 2]),
        (.letters([]), [9, 9, 0xAC, 2, 2, 1, 0]),
        (.redriving(Redrive(left: 0, rate: nil)), [10, 9, 0xAC, 2, 2, 2, 1, 0]),
        (.copied(OffsetRanges(5..<7), topic: 300), [11, 9, 0xAC, 2, 2, 4, 0xAC, 2, 5, 1]),
    ]

    @Test("are written and read as version 1 has them")
    func fixtures() throws {
        for (change, bytes) in Self.fixture {
            #expect(Self.bytes([change]) == bytes, "\(change.kind)")
            #expect(try PlacedChange.all(in: bytes.span) == [Self.placed(change)])
        }
        #expect(Set(Self.fixture.map(\.change.kind)).count == GroupChange.Kind.allCases.count)
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
