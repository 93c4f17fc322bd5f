import Bytes
package import Records
import Wire

extension ShardBench {
    /// A message of a dead-letter topic.
    package struct Copy {
        package let offset: Int
        package let body: [UInt8]
        package let key: String?
        package let contentType: String
        package let attributes: [String: String]
    }

    /// All messages of a partition, whole; nothing where they cannot be read.
    package func copies(in partition: PartitionID) -> [Copy]? {
        var copies: [Copy] = []
        while true {
            guard case .fetched(let parts) = fetch([(partition, copies.count)]),
                let part = parts.first
            else { return nil }
            if part.batches.isEmpty { return copies }
            for batch in part.batches {
                guard let found = Self.copies(of: batch) else { return nil }
                copies += found.filter { $0.offset >= copies.count }
            }
        }
    }

    /// A date as messages have it.
    package static func text(_ milliseconds: Int) -> String {
        var text: [UInt8] = []
        Timestamp.append(Int64(milliseconds), to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    private static func copies(of batch: FetchedBatch) -> [Copy]? {
        do throws(RecordsError) {
            var reader = BatchReader()
            try reader.open(batch.bytes, at: batch.start)
            var copies: [Copy] = []
            while let record = try reader.nextRecord() {
                let bytes = reader.bytes
                var attributes: [String: String] = [:]
                var cursor = record.attributes
                while let (name, value) = cursor.next(in: bytes.span) {
                    attributes[string(bytes[name])] = string(bytes[value])
                }
                copies.append(
                    Copy(
                        offset: batch.baseOffset + copies.count, body: Array(bytes[record.body]),
                        key: record.key.map { string(bytes[$0]) },
                        contentType: string(bytes[record.contentType]), attributes: attributes))
            }
            return copies
        } catch {
            return nil
        }
    }

    private static func string(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}
