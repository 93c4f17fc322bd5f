/// What a publish may ask for, beside the limits of records.
package enum PublishBounds {
    package static let messagesMax = 1_000
    /// 30 days, in milliseconds.
    package static let delayMax = 30 * 86_400_000
    /// A hundred years, in milliseconds.
    package static let ttlMax = 36_500 * 86_400_000
    package static let idempotencyKeySizeMax = 255
}
