// The text of a receipt:
//
//     version 1    key 1    varint group    varint parts, and for each
//         varint topic    varint partition    generation 8    varint runs, and for each
//             varint offset, from the end of the run before    varint count - 1
//     mac 8: SipHash-2-4 of all that
//
// as base64url. The receipt of one message is the same with a suffix, a point and, as base64url,
//
//     varint part    varint offset, from the first of the part    mac 4: of the text before the point,
//                                                                   and of these two
//
// There is one text for each receipt and key. Whoever changes a byte is found out; one who has a whole
// receipt could in four billion tries make a suffix of it, for a message of it.

import Bytes
import Records

extension Receipt {
    private static let version: UInt8 = 1
    private static let macSize = 8
    private static let suffixMacSize = 4
    static let point = UInt8(ascii: ".")

    /// What a client gets for all of it.
    package func text(_ keys: ReceiptKeys) -> [UInt8] {
        precondition(1...Self.partsMax ~= parts.count, "a receipt has parts")
        let key = keys.newest
        var plain: [UInt8] = [Self.version, key.id]
        plain.append(number: Int(group))
        plain.append(number: parts.count)
        for part in parts { part.append(to: &plain) }
        plain.append(littleEndian: SipHash.of(plain.span, key: key.secret))
        var text: [UInt8] = []
        Base64.url.append(plain.span, to: &text)
        return text
    }

    /// Reads what a client sent; nil for anything that was never given out, or whose key is gone.
    package init?(reading text: Span<UInt8>, _ keys: ReceiptKeys) {
        guard text.count <= Self.textSizeMax else { return nil }
        var end = 0
        while end < text.count, text[end] != Self.point { end += 1 }
        let whole = text.extracting(0..<end)
        guard let plain = Base64.url.decode(whole),
            let (receipt, secret) = Self.read(plain, keys)
        else { return nil }
        guard end < text.count else {
            self = receipt
            return
        }
        guard
            let suffix = Base64.url.decode(text.extracting(end + 1..<text.count)),
            let only = receipt.only(suffix, text: whole, secret)
        else { return nil }
        self = only
    }

    private static func read(
        _ plain: [UInt8], _ keys: ReceiptKeys
    ) -> (receipt: Receipt, secret: SipKey)? {
        let end = plain.count - macSize
        guard end > 2, plain[0] == version, let secret = keys.secret(plain[1]),
            SipHash.of(plain.span.extracting(0..<end), key: secret) == plain.span.uint64(at: end)
        else { return nil }
        var reader = ReceiptReader(from: 2, to: end)
        guard let group = reader.number32(plain), let count = reader.number(plain),
            1...partsMax ~= count
        else { return nil }
        var parts: [Part] = []
        for _ in 0..<count {
            guard let part = Part(plain, &reader) else { return nil }
            parts.append(part)
        }
        return reader.isAtEnd ? (Receipt(group: group, parts: parts), secret) : nil
    }

    private func only(_ suffix: [UInt8], text: Span<UInt8>, _ secret: SipKey) -> Receipt? {
        let end = suffix.count - Self.suffixMacSize
        guard end > 0 else { return nil }
        var hash = Self.suffixHash(behind: text, secret)
        hash.update(suffix.span.extracting(0..<end))
        guard UInt32(truncatingIfNeeded: hash.value) == suffix.span.uint32(at: end) else {
            return nil
        }
        var reader = ReceiptReader(from: 0, to: end)
        guard let index = reader.number(suffix), index < parts.count,
            let first = parts[index].runs.first?.lowerBound,
            let distance = reader.number(suffix), reader.isAtEnd,
            parts[index].contains(first + distance)
        else { return nil }
        return only(first + distance, ofPart: index)
    }

    /// A hash that goes on with the numbers of a suffix.
    static func suffixHash(behind text: Span<UInt8>, _ secret: SipKey) -> SipHash {
        var hash = SipHash(key: secret)
        hash.update(text)
        // No letter of base64url, so that this is never the hash of a text.
        hash.update([point].span)
        return hash
    }
}

extension Receipt.Part {
    fileprivate func append(to plain: inout [UInt8]) {
        precondition(1...Receipt.runsMax ~= runs.count, "a part has messages")
        plain.append(number: Int(partition.topic))
        plain.append(number: Int(partition.partition))
        plain.append(littleEndian: generation)
        plain.append(number: runs.count)
        var end = 0
        for run in runs {
            plain.append(number: run.lowerBound - end)
            plain.append(number: run.count - 1)
            end = run.upperBound
        }
    }

    fileprivate init?(_ plain: [UInt8], _ reader: inout ReceiptReader) {
        guard let topic = reader.number32(plain), let number = reader.number32(plain),
            let generation = reader.fixed64(plain), let count = reader.number(plain),
            1...Receipt.runsMax ~= count
        else { return nil }
        var runs: [Range<Int>] = []
        var end = 0
        for _ in 0..<count {
            guard let distance = reader.number(plain), let more = reader.number(plain),
                distance > 0 || runs.isEmpty, end + distance + more < ReceiptReader.numberEnd
            else { return nil }
            runs.append(end + distance..<end + distance + more + 1)
            end += distance + more + 1
        }
        self.init(
            partition: PartitionID(topic: topic, partition: number), generation: generation,
            runs: runs)
    }
}
