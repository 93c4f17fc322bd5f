import Bytes
import Receipts
import Records

/// A receipt that is read is one that was given out, byte for byte.
func checkReceipt(_ input: [UInt8]) -> FuzzVerdict {
    guard Receipt(reading: input.span, receiptKeys) != nil else { return .refused }
    return receipts.contains(input) ? .accepted : .failed("a receipt is forged")
}

private let receiptKeys = ReceiptKeys(
    ReceiptKeys.Key(id: 1, secret: SipKey([UInt8](repeating: 2, count: SipKey.size).span)))

/// Those that were given out; the corpus has some of them.
private let receipts: Set<[UInt8]> = {
    var texts: Set<[UInt8]> = []
    for receipt in [
        sample([part(0, [0..<1])]), sample([part(1, [1_000_000..<1_000_100])]),
        sample([part(0, [5..<6, 7..<9]), part(1, [0..<2])]),
    ] {
        var writer = ReceiptWriter(receipt, receiptKeys)
        texts.insert(writer.text)
        for (index, part) in receipt.parts.enumerated() {
            for offset in part.runs.joined() {
                texts.insert(writer.text(of: offset, inPart: index))
            }
        }
    }
    return texts
}()

private func sample(_ parts: [Receipt.Part]) -> Receipt { Receipt(group: 9, parts: parts) }

private func part(_ partition: UInt32, _ runs: [Range<Int>]) -> Receipt.Part {
    Receipt.Part(
        partition: PartitionID(topic: 3, partition: partition), generation: 1 << 40 | 7, runs: runs)
}
