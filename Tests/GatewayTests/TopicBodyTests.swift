import Coordination
import Records
import Testing
import Wire

@testable import Gateway

private func read(_ body: String) throws(BodyError) -> TopicChange {
    try TopicBody.read(Array(body.utf8)[...])
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

@Suite("The body of a topic")
struct TopicBodyTests {
    @Test("has every setting, as text or as a number")
    func all() throws {
        var wanted = TopicChange()
        wanted.partitions = 8
        wanted.retention = .some(604_800_000)
        wanted.retentionBytes = .some(10 << 30)
        wanted.messageSizeMax = 1 << 20
        wanted.durability = .flushed
        wanted.compression = .deflate
        wanted.dedupWindow = 900_000
        wanted.backlogMax = .some(5)
        let found = try read(
            #"{"partitions":8,"retention":"7d","retention_bytes":"10GiB","max_message_bytes":"#
                + #"1048576,"durability":"flushed","compression":"deflate","dedup_window":900,"#
                + #""max_backlog":5}"#)
        #expect(found == wanted)
    }

    @Test("changes nothing that is not in it, and clears what is null")
    func clears() throws {
        #expect(try read("") == TopicChange())
        #expect(try read(" {} ") == TopicChange())
        let found = try read(#"{"retention":null,"retention_bytes":null,"max_backlog":null}"#)
        #expect(found.retention == .some(nil))
        #expect(found.retentionBytes == .some(nil))
        #expect(found.backlogMax == .some(nil))
    }

    @Test(
        "Bodies that are refused, and for what",
        arguments: [
            ("{", ["JSON"]), ("{} x", ["JSON"]), ("[]", [""]), ("3", [""]), (#"[{"a":[1]}]"#, [""]),
            (#"{"partitons":8}"#, ["/partitons"]), (#"{"a":1,"b":{"c":[]}}"#, ["/a", "/b"]),
            (#"{"partitions":0}"#, ["/partitions"]), (#"{"partitions":257}"#, ["/partitions"]),
            (#"{"partitions":"8"}"#, ["/partitions"]), (#"{"partitions":1.5}"#, ["/partitions"]),
            (#"{"partitions":null}"#, ["/partitions"]),
            (#"{"partitions":1,"partitions":2}"#, ["/partitions"]),
            (#"{"retention":"7 days"}"#, ["/retention"]), (#"{"retention":-1}"#, ["/retention"]),
            (#"{"retention":"999ms"}"#, ["/retention"]),
            (#"{"retention":99999999999999999}"#, ["/retention"]),
            (#"{"max_message_bytes":"9MiB"}"#, ["/max_message_bytes"]),
            (#"{"max_message_bytes":0}"#, ["/max_message_bytes"]),
            (#"{"durability":"maybe"}"#, ["/durability"]),
            (#"{"compression":7}"#, ["/compression"]),
            (#"{"dedup_window":"25h"}"#, ["/dedup_window"]),
            (#"{"max_backlog":{}}"#, ["/max_backlog"]),
            (
                #"{"retention":true,"durability":[],"dedup_window":"x"}"#,
                ["/retention", "/durability", "/dedup_window"]
            ),
        ])
    func refused(_ body: String, _ wanted: [String]) { #expect(places(body) == wanted) }

    @Test("is held to the bounds that the coordinator has")
    func bounds() {
        #expect(TopicBounds.partitionsMax == TopicDefaults.partitionsMax)
        #expect(TopicBounds.dedupWindowMax == TopicDefaults.dedupWindowMax)
        #expect(TopicBounds.messageSizeMax >= TopicDefaults.messageSizeMax)
    }
}
