/// What one call about messages of a group may hold.
package enum PullBounds {
    package static let topicsMax = 64
    package static let weightMax = 100
    /// Characters of a consumer's label, and of a pull's own id.
    package static let labelSizeMax = 200
    /// Receipts of one settle, in all of its lists.
    package static let receiptsMax = 1_000
    /// Characters of the reason of a nack.
    package static let reasonSizeMax = 200
    /// Seven days, in milliseconds.
    package static let delayMax = 7 * 86_400_000
    /// Characters of one receipt: more is none of ours.
    package static let receiptSizeMax = 16 << 10
    package static let redriveMax = 1 << 30
}
