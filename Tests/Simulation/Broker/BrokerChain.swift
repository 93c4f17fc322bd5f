/// A client's way through a topic from its beginning: one read after the other, each from where the one
/// before it ended.
final class BrokerChain {
    let topic: String
    /// Where the next read begins; nothing before the first.
    var cursor: String?
    /// The next offset of each partition.
    var next: [Int: Int] = [:]

    init(_ topic: String) { self.topic = topic }

    func request(_ id: String, wait: Int, messagesMax: Int) -> BrokerRequest {
        let place = cursor.map { "after=\($0)" } ?? "from=earliest"
        return BrokerRequest(
            "GET /v1/topics/\(topic)/messages?\(place)&wait=\(wait)ms&max_messages=\(messagesMax)",
            id: id, .read(self))
    }
}
