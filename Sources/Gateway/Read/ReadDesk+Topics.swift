package import Bytes
package import Wire

/// A topic that is asked for, once for all who wait for it.
final class ReadInquiry {
    enum Waiting {
        case request(ReadRequest)
        /// A shard did not know the topic.
        case reading(Reading)
    }

    let name: [UInt8]
    let mayCreate: Bool
    var waiting: [Waiting] = []

    init(_ name: [UInt8], mayCreate: Bool) {
        self.name = name
        self.mayCreate = mayCreate
    }
}

/// Topics that this loop does not know, or knows from before.
extension ReadDesk {
    mutating func inquire(_ waiting: ReadInquiry.Waiting, _ name: [UInt8]) {
        let mayCreate = settings.createsTopics && waiting.mayCreate
        if let inquiry = inquiries[name], inquiry.mayCreate || !mayCreate {
            return inquiry.waiting.append(waiting)
        }
        let inquiry = ReadInquiry(name, mayCreate: mayCreate)
        inquiry.waiting.append(waiting)
        inquiries[name] = inquiry
        let id = pending.insert(.inquiry(inquiry))
        let text = String(decoding: name, as: UTF8.self)
        calls.append(DeskCall(id, .coordinator(.find(name: text, mayCreate: mayCreate))))
    }

    /// Takes what the coordinator says to a call of this desk.
    package mutating func take(
        _ id: SlabID, _ answer: CoordinatorAnswer, into topics: inout TopicMap, at now: TurnTime
    ) {
        switch answer {
        case .found(let topic), .created(let topic), .changed(let topic): topics.learn(topic)
        case .deleted, .refused, .group: break
        }
        guard case .inquiry(let inquiry) = pending.remove(id) else { return }
        if inquiries[inquiry.name] === inquiry { inquiries[inquiry.name] = nil }
        let name = inquiry.name
        var error = GatewayError.topic(.noSuchTopic(String(decoding: name, as: UTF8.self)))
        var known = topics.find(name.span)
        if case .refused(let refusal) = answer {
            known = nil
            if refusal != .noSuchTopic { error = .topic(.refused(refusal.ifNothingChanges)) }
        }
        for waiting in inquiry.waiting {
            guard let known else {
                refuse(waiting, error)
                continue
            }
            resume(waiting, known)
        }
    }

    private mutating func refuse(_ waiting: ReadInquiry.Waiting, _ error: GatewayError) {
        switch waiting {
        case .request(let request): refuse(request.reader, error)
        case .reading(let reading): refuseAll(reading, error)
        }
    }

    private mutating func resume(_ waiting: ReadInquiry.Waiting, _ known: KnownTopic) {
        switch waiting {
        case .request(let request):
            do throws(GatewayError) {
                try begin(request, known, hasAskedAgain: true)
            } catch {
                refuse(request.reader, error)
            }
        case .reading(let reading):
            if reading.readers.isEmpty { return }
            guard known.topic.id == reading.known.topic.id else {
                return refuseAll(reading, .read(.otherTopic))
            }
            ask(reading)
        }
    }

    /// Hears of a change of topics: those who wait for all partitions get to see new ones.
    ///
    /// The map has to have heard of it before.
    package mutating func hear(_ news: TopicNews, in topics: borrowing TopicMap) {
        if readers.isEmpty { grown.removeAll() }
        if case .deleted(let id, _) = news { grown[id] = nil }
        guard !readers.isEmpty, case .put(let topic) = news,
            let known = topics.find(id: topic.id)
        else { return }
        let count = known.topic.shards.count
        // Those whose fetches are out, or who are held, look here before they park.
        grown[topic.id] = known
        let outgrown = lookouts.values.filter {
            $0.key.topic == topic.id && $0.key.partition == nil && $0.key.offsets.count < count
        }
        for lookout in outgrown {
            for reading in close(lookout) {
                if reading.extend(to: known) { ask(reading) }
            }
        }
    }
}

extension ReadInquiry.Waiting {
    /// Whether the topic may be made for it: a place in a topic is none in another one.
    fileprivate var mayCreate: Bool {
        guard case .request(let request) = self, case .page = request.kind else { return false }
        if case .cursor = request.options.start { return false }
        return true
    }
}
