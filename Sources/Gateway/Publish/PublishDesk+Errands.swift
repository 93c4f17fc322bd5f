import Bytes
import HTTP
import Records
import Wire

/// How batches travel: to one shard at once, to several in three steps (Wire/SpreadCall.swift).
extension PublishDesk {
    /// Sends a batch once no shard is left that may have had some of it before.
    mutating func recallOrSend(_ errand: BatchErrand) {
        if let shard = errand.earlierShards.popLast() {
            errand.phase = .recalling
            // The answer names parts of the whole, so no share is meant.
            call(.batch(errand, shard: 0), .shard(shard, .recall(errand.whole)), due: errand.due)
        } else if errand.repeated.isEmpty {
            send(errand)
        } else {
            confirmRepeated(errand)
        }
    }

    private mutating func takeRecalled(_ errand: BatchErrand, _ answer: ShardAnswer) {
        switch answer {
        case .repeated(let records):
            errand.repeated += records
            recallOrSend(errand)
        case .refused(.noSuchTopic): finish(errand, .publish(.topicChanged))
        case .refused(let refusal): finish(errand, .publish(.storage(refusal)))
        default: finish(errand, .publish(.storage(.failed)))
        }
    }

    mutating func send(_ errand: BatchErrand) {
        guard let first = errand.shares.first else { return confirm(errand) }
        if errand.shares.count == 1 {
            errand.phase = .simple
            return call(errand, 0, .publish(errand.publish(first)))
        }
        errand.phase = .preparing
        errand.left = errand.shares.count
        errand.spread = nextSpreadID()
        for (index, share) in errand.shares.enumerated() {
            let publish = errand.publish(share)
            call(errand, index, .spread(.prepare(errand.spread, judge: first.shard, publish)))
        }
    }

    private mutating func call(_ errand: BatchErrand, _ share: Int, _ content: ShardCall) {
        call(
            .batch(errand, shard: share), .shard(errand.shares[share].shard, content),
            due: errand.due)
    }

    private mutating func nextSpreadID() -> SpreadID {
        spreadCount &+= 1
        // No two loops have the same seed, and none counts to the same number twice.
        return SpreadID(high: settings.seed, low: spreadCount)
    }

    mutating func take(
        _ errand: BatchErrand, _ share: Int, _ answer: ShardAnswer, at now: TurnTime
    ) {
        switch errand.phase {
        case .recalling: takeRecalled(errand, answer)
        case .simple: takeSimple(errand, answer, at: now)
        case .preparing: takePrepared(errand, share, answer, at: now)
        case .deciding: takeDecided(errand, answer)
        case .showing: takeShown(errand, share, answer)
        case .done: break
        }
    }

    private mutating func takeSimple(
        _ errand: BatchErrand, _ answer: ShardAnswer, at now: TurnTime
    ) {
        switch answer {
        case .published(let places) where places.count == errand.parts.count:
            note(places, of: 0, in: errand)
            confirm(errand)
        case .repeated(let records):
            errand.repeated = records
            confirmRepeated(errand)
        case .refused(.noSuchTopic) where !errand.hasAskedAgain:
            errand.hasAskedAgain = true
            wait(.errand(errand), for: errand.known.name, at: now)
        case .refused(let refusal): finish(errand, .publish(.storage(refusal)))
        case .published, .fetched, .news, .located, .described, .spread, .group:
            finish(errand, .publish(.storage(.failed)))
        }
    }

    // MARK: Several shards

    private mutating func takePrepared(
        _ errand: BatchErrand, _ share: Int, _ answer: ShardAnswer, at now: TurnTime
    ) {
        errand.left -= 1
        switch answer {
        case .spread(.prepared): break
        case .repeated(let records):
            for known in records where errand.shares[share].parts.indices.contains(known.part) {
                let part = errand.shares[share].parts[known.part]
                errand.repeated.append(
                    RepeatedRecord(part: part, record: known.record, verdict: known.verdict))
            }
        case .refused(let refusal): note(refusal, in: errand)
        case .spread, .group, .published, .fetched, .news, .located, .described:
            errand.failure = .publish(.overloaded)
        }
        guard errand.left == 0 else { return }
        if let failure = errand.failure {
            drop(errand)
            guard failure == .publish(.storage(.noSuchTopic)), !errand.hasAskedAgain else {
                return finish(errand, failure)
            }
            errand.hasAskedAgain = true
            (errand.failure, errand.repeated) = (nil, [])
            wait(.errand(errand), for: errand.known.name, at: now)
        } else if !errand.repeated.isEmpty {
            drop(errand)
            confirmRepeated(errand)
        } else {
            let others = errand.shares.dropFirst().map(\.shard)
            errand.phase = .deciding
            call(errand, 0, .spread(.decide(errand.spread, others: others)))
        }
    }

    /// Keeps the first refusal, but for one of a disk: nothing is shown of what is not decided.
    private func note(_ refusal: ShardRefusal, in errand: BatchErrand) {
        let error = refusal == .failed ? PublishError.overloaded : .storage(refusal)
        if errand.failure == nil { errand.failure = .publish(error) }
    }

    private mutating func takeDecided(_ errand: BatchErrand, _ answer: ShardAnswer) {
        switch answer {
        case .spread(.shown(let places)) where places.count == errand.shares[0].parts.count:
            note(places, of: 0, in: errand)
            errand.phase = .showing
            errand.left = errand.shares.count - 1
            for share in errand.shares.indices.dropFirst() {
                call(errand, share, .spread(.show(errand.spread)))
            }
        // The judge has refused it for good, and so does everybody else.
        case .spread(.tooLate): finish(errand, .publish(.unconfirmed(.none)))
        // Nothing was decided, and after this nothing will be.
        case .refused(let refusal) where refusal != .failed:
            drop(errand)
            finish(errand, .publish(.storage(refusal)))
        default: finish(errand, .publish(.unconfirmed(.unknown)))
        }
    }

    private mutating func takeShown(
        _ errand: BatchErrand, _ share: Int, _ answer: ShardAnswer
    ) {
        guard case .spread(.shown(let places)) = answer,
            places.count == errand.shares[share].parts.count
            // It is decided: what a shard has to say about its part changes nothing.
        else { return finish(errand, .publish(.unconfirmed(.done))) }
        note(places, of: share, in: errand)
        errand.left -= 1
        if errand.left == 0 { confirm(errand) }
    }

    /// Gives up what was prepared; nobody waits for the answers.
    private mutating func drop(_ errand: BatchErrand) {
        for share in errand.shares {
            let content = StorageCall.Content.shard(share.shard, .spread(.drop(errand.spread)))
            calls.append(DeskCall(Self.nobody, content))
        }
    }

    /// An id that no call of this desk ever has.
    private static var nobody: SlabID { SlabID(index: 0, generation: 0) }

    private func note(_ places: [PlacedPart], of share: Int, in errand: BatchErrand) {
        for (part, place) in zip(errand.shares[share].parts, places) { errand.places[part] = place }
    }

    mutating func expire(_ errand: BatchErrand) {
        switch errand.phase {
        case .simple, .deciding: finish(errand, .publish(.unconfirmed(.unknown)))
        case .recalling: finish(errand, .publish(.unconfirmed(.none)))
        case .preparing:
            drop(errand)
            finish(errand, .publish(.unconfirmed(.none)))
        case .showing: finish(errand, .publish(.unconfirmed(.done)))
        case .done: break
        }
    }

    // MARK: Answers

    /// Ends the errand with a problem.
    mutating func finish(_ errand: BatchErrand, _ error: GatewayError) {
        errand.phase = .done
        byteCount -= errand.size
        refuse(errand.caller, error, messages: errand.messageCount)
    }

    private mutating func confirm(_ errand: BatchErrand) {
        let response = BatchAnswer.response(errand)
        counts.messages += UInt64(errand.recordCount)
        end(errand, response)
    }

    /// The first answer again, if the whole batch came before.
    private mutating func confirmRepeated(_ errand: BatchErrand) {
        guard let response = BatchAnswer.response(repeating: errand) else {
            return finish(errand, .publish(.otherMessage))
        }
        counts.repeated += UInt64(errand.recordCount)
        end(errand, response)
    }

    private mutating func end(_ errand: BatchErrand, _ response: Response) {
        errand.phase = .done
        byteCount -= errand.size
        callerCount -= 1
        answers.append(DeskAnswer(errand.caller, .response(response)))
    }
}
