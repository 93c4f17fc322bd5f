import Groups

// The end of a world: everything that is left can be worked off, or it is stuck.
extension GroupWorld {
    mutating func workOff() {
        settings.ordering = .none
        settings.inFlightMax = nil
        settings.inFlightPerConsumerMax = nil
        settings.rateThousandths = nil
        settings.attemptsMax = 4
        shelf.set(settings, of: Self.group)
        taken = Array(repeating: [], count: Self.clientCount)
        for round in 0..<120 where model.violation == nil {
            endTurn()
            while !rounds.isEmpty { commit() }
            now.boot += 20_000
            now.log += 20_000
            tick()
            makeCopies(upTo: .max)
            if round == 20 {
                for place in Self.places {
                    shelf.startRedrive(place, Redrive(left: nil, rate: nil), at: now)
                }
            }
            for place in Self.places { workOff(place) }
        }
        for place in Self.places where model.violation == nil { checkOver(place) }
    }

    private mutating func workOff(_ place: GroupPlace) {
        let terms = PullTerms(
            messagesMax: 50, lease: 5_000, holder: Holder(consumer: "last", address: ""))
        guard let grant = pull(place, terms) else { return }
        let taken = GroupTaken(place: place, grant: grant, pull: nil, holder: terms.holder)
        for message in grant.messages { settle(0, taken, message.offset, .ack) }
    }

    private mutating func checkOver(_ place: GroupPlace) {
        let begin = model.starts[place] ?? 0
        for (offset, message) in model.messages[place, default: []].enumerated() {
            guard offset >= begin, model.isOpen(message, at: now) else { continue }
            let standing = shelf[place]?.standing(of: offset)
            return model.fault("\(offset) is stuck: \(standing.map { "\($0)" } ?? "nowhere")")
        }
        if let owed = model.owed[place], !owed.isEmpty || shelf.owedCount(of: place) != 0 {
            model.fault("\(owed.sorted()) have no copies, \(shelf.owedCount(of: place)) owe some")
        }
        let picture = shelf[place]?.picture
        if let picture, picture.inFlight != 0 || picture.waitingForKey != 0 || picture.lag != 0 {
            model.fault("a group with nothing left says \(picture)")
        }
        if shelf.groups[Self.group]?.allowance.inFlight != 0 { model.fault("slots are lost") }
    }
}
