import Simulation
import Testing

@testable import Records

private func record(size: Int) -> RecordDraft {
    RecordDraft(time: 1_000, body: [UInt8](repeating: 0x61, count: size)[...])
}

private func text(_ size: Int, _ letter: UInt8 = 0x61) -> ArraySlice<UInt8> {
    [UInt8](repeating: letter, count: size)[...]
}

@Suite("Building batches")
struct BatchBuilderTests {
    @Test("A thousand records are one batch, and one more begins another")
    func count() throws {
        var builder = BatchBuilder()
        for _ in 0..<1_000 { #expect(try builder.append(record(size: 1))) }
        #expect(try !builder.append(record(size: 1)))
        #expect(builder.count == 1_000)
        var compressor = BatchCompressor()
        #expect(try decode(builder.encode(.auto, with: &compressor)).count == 1_000)
        #expect(builder.isEmpty && builder.rawSize == 0)
        #expect(try builder.append(record(size: 1)))
        #expect(try decode(builder.encode(.none, with: &compressor)).count == 1)
    }

    @Test("A batch of several stays within its size; a large record is alone")
    func size() throws {
        var builder = BatchBuilder()
        let half = RecordLimits.rawSizeMax / 2
        #expect(try builder.append(record(size: half - 4)))
        #expect(try builder.append(record(size: half - 4)))
        #expect(builder.rawSize == RecordLimits.rawSizeMax)
        #expect(try !builder.append(record(size: 0)))
        var compressor = BatchCompressor()
        _ = builder.encode(.none, with: &compressor)
        #expect(try builder.append(record(size: RecordLimits.bodySizeMax)))
        #expect(try !builder.append(record(size: 0)))
        for compression in Compression.allCases {
            var copy = builder
            let batch = copy.encode(compression, with: &compressor)
            #expect(try decode(batch).map(\.body.count) == [RecordLimits.bodySizeMax])
        }
    }

    @Test("Records with a delay and without do not share a batch")
    func mixture() throws {
        var delayed = record(size: 1)
        delayed.delay = .duration(1)
        var builder = BatchBuilder()
        #expect(try builder.append(delayed))
        #expect(try !builder.append(record(size: 1)))
        builder = BatchBuilder()
        #expect(try builder.append(record(size: 1)))
        #expect(try !builder.append(delayed))
    }

    static let refused: [(@Sendable (inout RecordDraft) -> Void, RecordsError)] = [
        ({ $0.body = text((8 << 20) + 1) }, .tooLarge(.body, limit: 8 << 20)),
        ({ $0.key = text(1_025) }, .tooLarge(.key, limit: 1_024)),
        ({ $0.key = text(3, 0xFF) }, .notText(.key)),
        ({ $0.contentType = text(1_025) }, .tooLarge(.contentType, limit: 1_024)),
        ({ $0.contentType = text(3, 0x0A) }, .notText(.contentType)),
        ({ $0.contentType = text(3, 0x80) }, .notText(.contentType)),
        (
            { $0.attributes = [RecordAttribute(name: text(201), value: [])] },
            .tooLarge(.attributeName, limit: 200)
        ),
        ({ $0.attributes = [RecordAttribute(name: [], value: [])] }, .notText(.attributeName)),
        (
            { $0.attributes = [RecordAttribute(name: text(1), value: text(1, 0xC3))] },
            .notText(.attributes)
        ),
        (
            { $0.attributes = [RecordAttribute(name: text(1), value: text(65_536))] },
            .tooLarge(.attributes, limit: 65_536)
        ),
        (
            {
                let attribute = RecordAttribute(name: text(1), value: [])
                $0.attributes = Array(repeating: attribute, count: 101)
            }, .tooMany(.attributes, limit: 100)
        ),
    ]

    @Test("What is above a limit or no text is refused, and the batch is as it was")
    func limits() throws {
        for (change, error) in Self.refused {
            var builder = BatchBuilder()
            #expect(try builder.append(record(size: 1)))
            var bad = record(size: 1)
            change(&bad)
            #expect(throws: error) { try builder.append(bad) }
            var compressor = BatchCompressor()
            #expect(try decode(builder.encode(.none, with: &compressor)).count == 1)
        }
    }

    @Test("What is largest in every way fits")
    func largest() throws {
        var record = record(size: RecordLimits.bodySizeMax)
        record.key = text(1_024)
        record.contentType = text(1_024)
        let attribute = RecordAttribute(name: text(200), value: text(455))
        record.attributes = Array(repeating: attribute, count: 100)
        #expect(try decode(encode([record], .none)) == [record])
    }

    /// Bodies, and whether they are compressed by `auto` and by `deflate`.
    static let compressions: [(String, Int, Bool, Bool)] = [
        ("letters", 511 - 4, false, false), ("letters", 512 - 4, true, true),
        ("letters", 100_000, true, true), ("letters", 2 << 20, false, true),
        ("noise", 5_000, false, false), ("base64", 5_000, true, true),
    ]

    @Test("Compressed is what pays", arguments: compressions)
    func compression(_ kind: String, _ size: Int, auto: Bool, deflate: Bool) throws {
        var random = SeededRandom(seed: 1)
        let base64 = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        let body: [UInt8] =
            switch kind {
            case "noise": (0..<size).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            case "base64": (0..<size).map { _ in random.pick(base64) }
            default: [UInt8](repeating: 0x61, count: size)
            }
        for (compression, expected) in [
            (Compression.auto, auto), (.deflate, deflate), (.none, false),
        ] {
            let record = RecordDraft(time: 1, body: body[...])
            let batch = try encode([record], compression)
            #expect(try BatchView(batch.span).header.codec == (expected ? .deflate : .none))
            #expect(try decode(batch) == [record])
        }
    }

    @Test("What comes faster than a loop has time to compress is stored as it came")
    func compressesWithinItsTime() throws {
        var random = SeededRandom(seed: 1)
        let letters = Array("abcdefghijklmnopqrstuvwxyz012345".utf8)
        let body = (0..<512 << 10).map { _ in random.pick(letters) }
        var compressor = BatchCompressor()
        var builder = BatchBuilder()
        func isCompressed(_ compression: Compression, at time: UInt64) throws -> Bool {
            compressor.pass(to: time)
            _ = try builder.append(RecordDraft(time: 1, body: body[...]))
            let batch = builder.encode(compression, with: &compressor)
            return try BatchView(batch.span).header.codec == .deflate
        }
        #expect(try isCompressed(.auto, at: 1_000), "what was saved up")
        #expect(try !isCompressed(.auto, at: 1_000), "which was less than came out")
        #expect(try isCompressed(.deflate, at: 1_000), "whoever wants it gets it")
        #expect(try !isCompressed(.auto, at: 1_030))
        #expect(try isCompressed(.auto, at: 1_100), "as soon as that is made up for")
        #expect(try !isCompressed(.auto, at: 1_100))
        #expect(try !isCompressed(.auto, at: 900), "time that goes back earns nothing")
        #expect(try isCompressed(.auto, at: 3_000))
        #expect(try isCompressed(.auto, at: .max), "no gap is too long")
    }
}
