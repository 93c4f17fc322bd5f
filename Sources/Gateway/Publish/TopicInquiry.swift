package import Bytes
import HTTP
package import Wire

/// A topic that is asked for, once for all who wait for it.
final class TopicInquiry {
    /// What goes on once the topic is known.
    enum Waiting {
        case message(MessageOrder)
        case batch(BatchOrder)
        case shipment(Shipment)
        case errand(BatchErrand)
    }

    let name: [UInt8]
    let due: UInt64
    var waiting: [Waiting] = []

    init(_ name: [UInt8], due: UInt64) {
        self.name = name
        self.due = due
    }
}

extension PublishDesk {
    /// Lets `waiting` go on when the coordinator has said what it knows of the topic.
    mutating func wait(_ waiting: TopicInquiry.Waiting, for name: [UInt8], at now: TurnTime) {
        if let inquiry = inquiries[name] { return inquiry.waiting.append(waiting) }
        let inquiry = TopicInquiry(name, due: now.tick + settings.timeout)
        inquiry.waiting.append(waiting)
        inquiries[name] = inquiry
        let text = String(decoding: name, as: UTF8.self)
        let find = CoordinatorCall.find(name: text, mayCreate: settings.createsTopics)
        call(.inquiry(inquiry), .coordinator(find), due: inquiry.due)
    }

    /// Takes what the coordinator says to a call of this desk.
    package mutating func take(
        _ id: SlabID, _ answer: CoordinatorAnswer, into topics: inout TopicMap,
        at now: TurnTime
    ) {
        switch answer {
        case .found(let topic), .created(let topic), .changed(let topic):
            topics.learn(topic)
        case .deleted, .refused, .group: break
        }
        guard case .inquiry(let inquiry) = pending.remove(id) else { return }
        let name = inquiry.name
        if case .refused(let refusal) = answer, refusal != .noSuchTopic {
            return close(inquiry, .topic(.refused(refusal.ifNothingChanges)))
        }
        guard let known = topics.find(name.span) else {
            let text = String(decoding: name, as: UTF8.self)
            return close(inquiry, .topic(.noSuchTopic(text)))
        }
        inquiries[name] = nil
        for waiting in inquiry.waiting { resume(waiting, known, at: now) }
    }

    private mutating func resume(
        _ waiting: TopicInquiry.Waiting, _ known: KnownTopic, at now: TurnTime
    ) {
        switch waiting {
        case .message(var order):
            byteCount -= order.bodySize
            do throws(GatewayError) {
                try take(&order, known, at: now)
            } catch {
                refuse(order.caller, error)
            }
        case .batch(let order):
            byteCount -= order.body.count
            do throws(GatewayError) {
                try take(order, known, at: now)
            } catch {
                refuse(order.caller, error)
            }
        case .shipment(let shipment):
            guard known.topic.shards.count == shipment.known.topic.shards.count else {
                return refuseAll(shipment, .publish(.topicChanged))
            }
            shipment.turn(to: known)
            send(shipment)
        case .errand(let errand):
            guard known.topic.shards == errand.known.topic.shards else {
                return finish(errand, .publish(.topicChanged))
            }
            errand.known = known
            send(errand)
        }
    }

    mutating func close(_ inquiry: TopicInquiry, _ error: GatewayError) {
        inquiries[inquiry.name] = nil
        for waiting in inquiry.waiting {
            switch waiting {
            case .message(let order):
                byteCount -= order.bodySize
                refuse(order.caller, error)
            case .batch(let order):
                byteCount -= order.body.count
                refuse(order.caller, error)
            case .shipment(let shipment): refuseAll(shipment, error)
            case .errand(let errand): finish(errand, error)
            }
        }
    }
}
