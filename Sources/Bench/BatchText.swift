// The bodies that a bench publishes, and the batches it makes of them.

import Bytes
import Records
import Settings

/// Letters that no compressor makes next to nothing of, other ones for each message: a bench of
/// zeros, or of one text again and again, would flatter.
struct BodyText {
    private static let letters = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private var random: SplitMix
    private let size: Int

    init(size: Int, seed: UInt64) {
        self.size = size
        random = SplitMix(seed: seed)
    }

    mutating func next() -> [UInt8] { next(size) }

    /// A string of JSON; the smallest is empty and has two bytes.
    mutating func nextLine() -> [UInt8] {
        [.quote] + next(max(size - 2, 0)) + [.quote]
    }

    private mutating func next(_ size: Int) -> [UInt8] {
        (0..<size).map { _ in Self.letters[Int(truncatingIfNeeded: random.next() >> 58)] }
    }
}

/// Makes the bodies of requests with many messages.
struct BatchText {
    private var text: BodyText
    private let count: Int
    private let format: BenchFormat

    init(_ settings: BenchSettings, text: BodyText) {
        self.text = text
        count = settings.batch
        format = settings.format
    }

    var contentType: String {
        switch format {
        case .json: "application/json"
        case .ndjson: "application/x-ndjson"
        case .binary, .stored: "application/vnd.posthorn.batch"
        }
    }

    /// A batch whose messages have `key`; lines have none.
    mutating func next(key: String?) -> [UInt8] {
        switch format {
        case .json: list(key)
        case .ndjson: lines()
        case .binary: frames(key)
        case .stored: stored(key)
        }
    }

    private mutating func list(_ key: String?) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("messages")
        json.beginArray()
        for _ in 0..<count {
            json.beginObject()
            json.key("value")
            json.string(utf8: text.next()[...])
            if let key {
                json.key("key")
                json.string(key)
            }
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.finish()
    }

    private mutating func lines() -> [UInt8] {
        var lines: [UInt8] = []
        for _ in 0..<count { lines += text.nextLine() + [.lf] }
        return lines
    }

    private mutating func frames(_ key: String?) -> [UInt8] {
        var frames: [UInt8] = []
        for _ in 0..<count { frames.appendFrame(draft(key)) }
        return frames
    }

    /// Batches as they rest, not compressed, so that what they take on disk is what was measured.
    private mutating func stored(_ key: String?) -> [UInt8] {
        var frames: [UInt8] = []
        var builder = BatchBuilder()
        for _ in 0..<count {
            let draft = draft(key)
            if append(draft, to: &builder) { continue }
            finish(&builder, &frames)
            let isIn = append(draft, to: &builder)
            precondition(isIn, "an empty batch takes any record")
        }
        finish(&builder, &frames)
        return frames
    }

    private func append(_ draft: RecordDraft, to builder: inout BatchBuilder) -> Bool {
        do throws(RecordsError) {
            return try builder.append(draft)
        } catch {
            preconditionFailure("letters are good records: \(error)")
        }
    }

    private func finish(_ builder: inout BatchBuilder, _ frames: inout [UInt8]) {
        var compressor = BatchCompressor()
        let count = builder.count
        let batch = builder.encode(.none, with: &compressor)
        frames.appendFrame(first: 0, count: count, of: batch[...])
    }

    private mutating func draft(_ key: String?) -> RecordDraft {
        var draft = RecordDraft(time: 0, body: text.next()[...])
        draft.key = key.map { Array($0.utf8)[...] }
        return draft
    }
}
