/// Who has a lease, for people to see and for bounds of a consumer.
package struct Holder: Hashable, Sendable {
    package let consumer: String
    package let address: String

    package init(consumer: String, address: String) {
        self.consumer = LabelTable.cut(consumer)
        self.address = LabelTable.cut(address)
    }
}
