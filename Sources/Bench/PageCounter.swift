// What a page of messages holds, in each of its forms. It is read as a client would read it: a page
// that is not what its form says is found out.

import Bytes
import Records
import Settings

/// Counts messages and the bytes of their bodies, page after page.
struct PageCounter: ~Copyable {
    struct Count: Equatable {
        var messages = 0
        /// As text, bodies count as they stand in the page.
        var bodyBytes = 0
        /// Where in the page the receipt of all its messages is; empty where there is none.
        var receipt = 0..<0
    }

    private static let messagesKey = Array("messages".utf8)
    private static let receiptKey = Array("receipt".utf8)
    private static let valueKey = Array("value".utf8)
    private static let base64Key = Array("value_base64".utf8)

    private let format: BenchFormat
    private var batches = BatchReader()

    init(_ format: BenchFormat) {
        self.format = format
    }

    /// What is in `page`; nil if it is no page.
    mutating func count(_ page: [UInt8]) -> Count? {
        switch format {
        case .json: return try? Self.countList(page.span)
        case .ndjson: return try? Self.countLines(page.span)
        case .binary, .stored: return try? countFrames(page)
        }
    }

    // MARK: JSON

    private static func countList(_ page: Span<UInt8>) throws(JSONError) -> Count {
        var count = Count()
        try countObject(in: 0..<page.count, of: page, &count)
        return count
    }

    /// Reads an object that may have messages and a receipt.
    private static func countObject(
        in range: Range<Int>, of page: Span<UInt8>, _ count: inout Count
    ) throws(JSONError) {
        var reader = JSONReader(in: range)
        guard try reader.next(page) == .beginObject else {
            throw JSONError(.unexpectedByte, at: range.lowerBound)
        }
        while try reader.next(page) == .key {
            guard page.has(messagesKey, at: reader.text) else {
                let isReceipt = page.has(receiptKey, at: reader.text)
                try reader.skipValue(page)
                if isReceipt { count.receipt = reader.text }
                continue
            }
            guard try reader.next(page) == .beginArray else {
                throw JSONError(.unexpectedByte, at: reader.position)
            }
            while try reader.next(page) == .beginObject { try add(&count, &reader, page) }
        }
        guard try reader.next(page) == .end else {
            throw JSONError(.trailingBytes, at: reader.position)
        }
    }

    private static func countLines(_ page: Span<UInt8>) throws(JSONError) -> Count {
        var count = Count()
        var start = 0
        while start < page.count {
            var reader = JSONReader(in: start..<page.count)
            guard try reader.next(page) == .beginObject else {
                throw JSONError(.unexpectedByte, at: start)
            }
            try add(&count, &reader, page)
            start = reader.position
            guard start < page.count, page[start] == .lf else {
                throw JSONError(.unexpectedByte, at: start)
            }
            start += 1
        }
        return count
    }

    /// Reads on to the end of a message that has begun.
    private static func add(
        _ count: inout Count, _ reader: inout JSONReader, _ page: Span<UInt8>
    ) throws(JSONError) {
        while try reader.next(page) == .key {
            if page.has(valueKey, at: reader.text) {
                try reader.skipValue(page)
                count.bodyBytes += reader.text.count
            } else if page.has(base64Key, at: reader.text) {
                try reader.skipValue(page)
                count.bodyBytes += reader.text.count / 4 * 3
            } else {
                try reader.skipValue(page)
            }
        }
        count.messages += 1
    }

    // MARK: Frames

    private mutating func countFrames(_ page: [UInt8]) throws(RecordsError) -> Count {
        var count = Count()
        var isWhole = false
        var reader = FrameReader(in: page.indices, .toClient)
        while let frame = try reader.next(page.span) {
            switch frame {
            case .message(let message):
                count.messages += 1
                count.bodyBytes += message.body.count
            case .batch(let frame): try add(&count, frame, page)
            case .summary(let content):
                isWhole = true
                do throws(JSONError) {
                    try Self.countObject(in: content, of: page.span, &count)
                } catch {
                    throw .badSizes
                }
            }
        }
        guard isWhole else { throw .truncated }
        return count
    }

    private mutating func add(
        _ count: inout Count, _ frame: BatchFrame, _ page: [UInt8]
    ) throws(RecordsError) {
        try batches.open(page, at: frame.batch.lowerBound)
        for index in 0..<frame.first + frame.count {
            guard let record = try batches.nextRecord() else { throw .truncated }
            if index >= frame.first { count.bodyBytes += record.body.count }
        }
        count.messages += frame.count
        batches.close()
    }
}

extension Span<UInt8> {
    fileprivate func has(_ text: [UInt8], at range: Range<Int>) -> Bool {
        guard range.count == text.count else { return false }
        for (place, byte) in zip(range, text) where self[place] != byte { return false }
        return true
    }
}
