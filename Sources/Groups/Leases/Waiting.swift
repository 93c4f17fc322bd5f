/// A message that was looked at and can be handed out, now or when its key is free.
struct Waiting: Equatable, Sendable {
    var offset: Int
    /// By the clock of the log; `.max` for never.
    var expires: Int
    var size: UInt32
    var keyHash: UInt32
    var isKeyed: Bool

    init(offset: Int, expires: Int, size: UInt32, key: UInt32?) {
        self.offset = offset
        self.expires = expires
        self.size = size
        keyHash = key ?? 0
        isKeyed = key != nil
    }

    var key: UInt32? { isKeyed ? keyHash : nil }
}
