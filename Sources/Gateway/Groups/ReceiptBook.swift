import Bytes
import Receipts
import Wire

/// The keys of receipts as a gateway has them, from the secrets that the coordinator told.
struct ReceiptBook {
    private var secrets: [ReceiptSecret] = []
    private var keys: ReceiptKeys?
    /// When a secret that is only believed begins to sign.
    private var nextChange: Int?

    mutating func hear(_ secrets: [ReceiptSecret], at wall: Int) {
        self.secrets = secrets
        choose(at: wall)
    }

    /// The keys by that date, by which receipts are signed and read; nothing before any were told.
    mutating func keys(at wall: Int) -> ReceiptKeys? {
        if let nextChange, nextChange <= wall { choose(at: wall) }
        return keys
    }

    private mutating func choose(at wall: Int) {
        nextChange = secrets.map(\.from).filter { $0 > wall }.min()
        guard let signing = secrets.last(where: { $0.from <= wall }) ?? secrets.first else {
            keys = nil
            return
        }
        var keys = ReceiptKeys(signing.key)
        for secret in secrets where secret.id != signing.id { keys.believe(secret.key) }
        self.keys = keys
    }
}

extension ReceiptSecret {
    fileprivate var key: ReceiptKeys.Key {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: high)
        bytes.append(littleEndian: low)
        return ReceiptKeys.Key(id: id, secret: SipKey(bytes.span))
    }
}
