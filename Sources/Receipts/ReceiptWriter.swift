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
    /// The text of one message, which each writes over the last.
    private var own: [UInt8]

    package init(_ receipt: Receipt, _ keys: ReceiptKeys) {
        let text = receipt.text(keys)
        self.text = text
        own = text
        firsts = receipt.parts.map { $0.runs.first?.lowerBound ?? 0 }
        hash = Receipt.suffixHash(behind: text.span, keys.newest.secret)
    }

    /// What a client gets for one message.
    package mutating func text(of offset: Int, inPart index: Int) -> [UInt8] {
        plain.removeAll(keepingCapacity: true)
        plain.append(number: index)
        plain.append(number: offset - firsts[index])
        var hash = hash
        hash.update(plain.span)
        plain.append(littleEndian: UInt32(truncatingIfNeeded: hash.value))
        let size = Base64.url.textSize(of: plain.count)
        let start = text.count + 1
        if own.count != start + size {
            own = text + [Receipt.point] + repeatElement(Receipt.point, count: size)
        }
        let suffix = plain
        var letters = own.mutableSpan
        Base64.url.write(suffix.span, over: &letters, at: start)
        return own
    }
}
