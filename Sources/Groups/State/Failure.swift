/// A message that failed, or was sent back by a redrive, and is not settled.
///
/// Together with its place in a `RetryBook` it takes 48 bytes.
package struct Failure: Equatable, Sendable {
    package var offset: Int
    /// When it may be handed out again, by the clock of the log.
    package var due: Int
    /// When it is over, by the same clock; `.max` for never.
    package var expires: Int
    package var keyHash: UInt32
    /// Bytes, as they count for a pull.
    package var size: UInt32
    /// Of the lease that had it last, see `LeaseGeneration.mark`.
    package var mark: UInt32
    private var attemptsAndFlags: UInt16
    /// Numbers in a `LabelTable`; 0 is none.
    package var reasons: UInt16
    package var consumer: UInt16
    package var address: UInt16

    private static let keyed: UInt16 = 1 << 15
    private static let blocked: UInt16 = 1 << 14
    private static let owing: UInt16 = 1 << 13
    private static let attemptsMask: UInt16 = 1 << 12 - 1

    package init(
        offset: Int, due: Int, expires: Int = .max, key: UInt32?, size: UInt32, mark: UInt32 = 0,
        attempts: Int, isBlocked: Bool = false, owesCopy: Bool = false, reasons: UInt16 = 0,
        consumer: UInt16 = 0, address: UInt16 = 0
    ) {
        self.offset = offset
        self.due = due
        self.expires = expires
        self.size = size
        self.mark = mark
        self.reasons = reasons
        self.consumer = consumer
        self.address = address
        keyHash = key ?? 0
        attemptsAndFlags = UInt16(clamping: min(max(attempts, 0), Int(Self.attemptsMask)))
        if key != nil { attemptsAndFlags |= Self.keyed }
        if isBlocked { attemptsAndFlags |= Self.blocked }
        self.owesCopy = owesCopy
    }

    package var attempts: Int { Int(attemptsAndFlags & Self.attemptsMask) }
    package var key: UInt32? { attemptsAndFlags & Self.keyed == 0 ? nil : keyHash }
    /// It is a dead letter, and holds back what comes behind it.
    package var isBlocked: Bool { attemptsAndFlags & Self.blocked != 0 }
    /// It is a dead letter, and its copy is still to be made.
    package var owesCopy: Bool {
        get { attemptsAndFlags & Self.owing != 0 }
        set {
            if newValue {
                attemptsAndFlags |= Self.owing
            } else {
                attemptsAndFlags &= ~Self.owing
            }
        }
    }
}
