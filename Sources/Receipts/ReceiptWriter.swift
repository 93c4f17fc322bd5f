import Bytes

/// The texts of a receipt and of each of its messages: what all of them begin with is hashed once.
package struct ReceiptWriter {
    /// What a client gets for all of it.
    package let text: [UInt8]
    /// The first offset of each part.
    private let firsts: [Int]
    /// Of all that stands before the two numbers of a suffix.
    private let hash: SipHash
    private var plain: [UInt8] = []

    package init(_ receipt: Receipt, _ keys: ReceiptKeys) {
        let text = receipt.text(keys)
        self.text = text
        firsts = receipt.parts.map { $0.runs.first?.lowerBound ?? 0 }
        hash = Receipt.suffixHash(behind: text.span, keys.newest.secret)
    }

    /// Appends what stands behind the text of all of it, for one message.
    package mutating func appendSuffix(
        of offset: Int, inPart index: Int, to bytes: inout [UInt8]
    ) {
        plain.removeAll(keepingCapacity: true)
        plain.append(number: index)
        plain.append(number: offset - firsts[index])
        var hash = hash
        hash.update(plain.span)
        plain.append(littleEndian: UInt32(truncatingIfNeeded: hash.value))
        bytes.append(Receipt.point)
        Base64.url.append(plain.span, to: &bytes)
    }
}
