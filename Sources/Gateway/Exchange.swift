package import Bytes

/// Names one request until it is answered, and nothing after that.
package struct Exchange: Hashable, Sendable {
    package let client: SlabID
    /// Which of the client's requests it is.
    package let number: UInt32

    package init(client: SlabID, number: UInt32) {
        self.client = client
        self.number = number
    }
}
