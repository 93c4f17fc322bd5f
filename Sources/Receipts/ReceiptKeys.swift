package import Bytes

/// The secrets that receipts are signed with: one for new ones, and older ones as long as receipts of
/// theirs may come back.
package struct ReceiptKeys: Equatable, Sendable {
    package struct Key: Equatable, Sendable {
        package let id: UInt8
        let secret: SipKey

        package init(id: UInt8, secret: SipKey) {
            self.id = id
            self.secret = secret
        }
    }

    package static let countMax = 4

    /// The newest first.
    private(set) var keys: [Key]

    package init(_ first: Key) {
        keys = [first]
    }

    package var ids: [UInt8] { keys.map(\.id) }
    var newest: Key { keys[0] }
    func secret(_ id: UInt8) -> SipKey? { keys.first { $0.id == id }?.secret }

    /// Signs with another key from here on; the older ones go on being believed, the last few of them.
    ///
    /// Every gateway has to believe a key before the first one signs with it, see `believe`.
    package mutating func rotate(to key: Key) {
        keys.removeAll { $0.id == key.id }
        keys.insert(key, at: 0)
        keys = Array(keys.prefix(Self.countMax))
    }

    /// Believes a key, and goes on to sign with the one it has.
    package mutating func believe(_ key: Key) {
        guard secret(key.id) == nil else { return }
        keys.insert(key, at: 1)
        keys = Array(keys.prefix(Self.countMax))
    }

    /// Believes a key no more; the one that signs stays.
    package mutating func retire(_ id: UInt8) {
        keys = [newest] + keys.dropFirst().filter { $0.id != id }
    }
}
