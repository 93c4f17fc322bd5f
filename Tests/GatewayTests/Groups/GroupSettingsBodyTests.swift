import Coordination
import Records
import Testing
import Wire

@testable import Gateway

private func read(_ body: String) throws(BodyError) -> GroupEdit {
    try GroupSettingsBody.read(Array(body.utf8)[...])
}

/// The places of what is wrong with a body.
private func places(_ body: String) -> [String] {
    do throws(BodyError) {
        _ = try read(body)
        return []
    } catch {
        switch error {
        case .notJSON: return ["JSON"]
        case .unknownMembers(let names): return names
        case .invalid(let faults): return faults.map(\.place)
        }
    }
}

@Suite("The body of a group")
struct GroupSettingsBodyTests {
    @Test("has every setting")
    func all() throws {
        var wanted = GroupEdit()
        wanted.start = .latest
        wanted.lease = 45_000
        wanted.attemptsMax = 3
        wanted.backoff = [1_000, 2_500]
        wanted.ordering = .key
        wanted.onDead = .block
        wanted.expired = .deadLetter
        wanted.inFlightMax = .some(7)
        wanted.inFlightPerConsumerMax = .some(2)
        wanted.filter = "a = 1"
        wanted.rate = .some(9)
        wanted.lifetime = .some(90_000)
        wanted.deadLetterTopic = .some("orders.dead")
        let found = try read(
            #"{"start":"latest","lease":"45s","max_attempts":3,"backoff":[1,"2500ms"],"#
                + #""ordering":"key","on_dead":"block","#
                + #""expired":"dead_letter","max_in_flight":7,"max_in_flight_per_consumer":2,"#
                + #""filter":"a = 1","rate":9,"ttl":"90s","dead_letter_topic":"orders.dead"}"#)
        #expect(found == wanted)
    }

    @Test("may say nothing, and may say that there is no bound")
    func nothing() throws {
        #expect(try read("") == GroupEdit())
        var wanted = GroupEdit()
        wanted.deadLetterTopic = .some(nil)
        wanted.inFlightMax = .some(nil)
        wanted.inFlightPerConsumerMax = .some(nil)
        wanted.filter = ""
        wanted.rate = .some(nil)
        wanted.lifetime = .some(nil)
        let found = try read(
            #"{"dead_letter_topic":null,"max_in_flight":null,"max_in_flight_per_consumer":null,"#
                + #""filter":null,"rate":null,"ttl":null}"#)
        #expect(found == wanted)
    }

    @Test("takes a cursor of all partitions as a start, and gives the same text back")
    func cursors() throws {
        let all = Cursor(topic: 7, .all([1, 2, 3]))
        let published = Cursor.after(partition: 1, offset: 5, of: 7, count: 3, logTime: 99)
        for cursor in [all, published] {
            let start = try #require(try read(#"{"start":"\#(cursor.text)"}"#).start)
            #expect(start.text == cursor.text)
        }
        let one = Cursor(topic: 7, .one(partition: 1, offset: 5))
        let wide = Cursor(topic: 7, .all([Int](repeating: 0, count: 257)))
        for cursor in [one, wide] {
            #expect(places(#"{"start":"\#(cursor.text)"}"#) == ["/start"])
        }
    }

    @Test(
        "Bodies that are refused, and for what",
        arguments: [
            ("{", ["JSON"]), ("[]", [""]), (#"{"a":{"b":[1]}}"#, ["/a"]),
            (#"{"rate":0}"#, ["/rate"]), (#"{"lease":"13h"}"#, ["/lease"]),
            (#"{"backoff":["1s","x",{},[1]]}"#, ["/backoff/1", "/backoff/2", "/backoff/3"]),
            (#"{"backoff":"1s"}"#, ["/backoff"]), (#"{"filter":"a ="}"#, ["/filter"]),
            (#"{"start":"soon","ordering":[]}"#, ["/start", "/ordering"]),
            (#"{"dead_letter_topic":"_x","ttl":"999ms"}"#, ["/dead_letter_topic", "/ttl"]),
            (#"{"ttl":"31d"}"#, ["/ttl"]), (#"{"dead_letter_topic":""}"#, ["/dead_letter_topic"]),
            (#"{"backoff":[\#(String(repeating: "[1],", count: 5_000))1]}"#, [""]),
        ])
    func refused(_ body: String, _ wanted: [String]) { #expect(places(body) == wanted) }

    @Test("is held to the bounds that the coordinator has")
    func bounds() {
        #expect(GroupBounds.attemptsMax == GroupRules.attemptsMax)
        #expect(GroupBounds.pausesMax == GroupRules.pausesMax)
        #expect(GroupBounds.cursorPartitionsMax == GroupRules.cursorPartitionsMax)
        #expect(FilterLimits.textSizeMax == GroupRules.filterSizeMax)
        #expect(Name.sizeMax <= TopicRules.nameSizeMax)
    }
}
