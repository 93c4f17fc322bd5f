package import Bytes
import HTTP
import Records
package import Wire

/// How what storage says becomes answers.
extension PublishDesk {
    /// Takes what a shard says to a call of this desk; a late answer finds nobody.
    package mutating func take(_ id: SlabID, _ answer: ShardAnswer, at now: TurnTime) {
        guard let waiting = pending.remove(id) else { return }
        switch waiting {
        case .shipment(let shipment): take(shipment, answer, at: now)
        case .recall(let shipment): takeRecalled(shipment, answer)
        case .batch(let errand, let shard): take(errand, shard, answer, at: now)
        case .inquiry: preconditionFailure("the coordinator answers for topics")
        }
    }

    private mutating func take(_ shipment: Shipment, _ answer: ShardAnswer, at now: TurnTime) {
        switch answer {
        case .published(let places) where places.count == 1:
            confirm(shipment, places[0])
            recycle(shipment)
        case .repeated(let records): settle(shipment, records)
        case .refused(.noSuchTopic) where !shipment.hasAskedAgain:
            shipment.hasAskedAgain = true
            wait(.shipment(shipment), for: shipment.known.name, at: now)
        case .refused(let refusal): refuseAll(shipment, .publish(.storage(refusal)))
        case .published, .fetched, .news, .located, .described, .spread, .group:
            refuseAll(shipment, .publish(.storage(.failed)))
        }
    }

    private mutating func confirm(_ shipment: Shipment, _ part: PlacedPart) {
        let answer = PublishAnswer(
            shipment.known, shipment.partition, publishedTime(part.logTime))
        var object = NumberedObject()
        for (record, caller) in shipment.callers.enumerated() {
            let response = answer.response(part.place, record, in: shipment.batch, &object)
            answers.append(DeskAnswer(caller, .response(response)))
        }
        counts.messages += UInt64(shipment.callers.count)
        callerCount -= shipment.callers.count
    }

    /// Gives those who came before their first answers again, and sends the rest again.
    mutating func settle(_ shipment: Shipment, _ records: [RepeatedRecord]) {
        var done: Set<Int> = []
        for known in records where shipment.callers.indices.contains(known.record) {
            guard done.insert(known.record).inserted else { continue }
            let caller = shipment.callers[known.record]
            callerCount -= 1
            switch known.verdict {
            case .same(let place, let original, let partition, let logTime):
                counts.repeated += 1
                let answer = PublishAnswer(
                    shipment.known, partition, publishedTime(logTime), isReplay: true)
                let response = answer.response(
                    repeating: place, original, as: known.record, in: shipment.batch)
                answers.append(DeskAnswer(caller, .response(response)))
            case .other:
                counts.refused += 1
                answers.append(DeskAnswer(caller, .problem(.publish(.otherMessage))))
            }
        }
        if done.isEmpty { return refuseAll(shipment, .publish(.storage(.failed))) }
        if done.count < shipment.callers.count { resend(shipment, without: done) }
        recycle(shipment)
    }

    mutating func refuseAll(_ shipment: Shipment, _ error: GatewayError) {
        for caller in shipment.callers { refuse(caller, error) }
        recycle(shipment)
    }

    mutating func refuse(_ caller: Exchange, _ error: GatewayError, messages: Int = 1) {
        callerCount -= 1
        if case .publish(.unconfirmed) = error {
            counts.unconfirmed += UInt64(messages)
        } else {
            counts.refused += UInt64(messages)
        }
        answers.append(DeskAnswer(caller, .problem(error)))
    }
}
