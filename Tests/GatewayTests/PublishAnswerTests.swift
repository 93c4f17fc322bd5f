import Bytes
import HTTP
import Testing
import Wire

@testable import Gateway

/// What `write` makes of an empty body.
private func text(_ write: (inout [UInt8]) -> Void) -> String {
    var body: [UInt8] = []
    write(&body)
    return String(decoding: body, as: UTF8.self)
}

@Suite("The objects of an answer")
struct PublishAnswerTests {
    @Test(
        "of records in a row are those that each of them would have alone",
        arguments: [0, 7, 95, 125, 998, 16_380, 99_990, 2_097_150, 999_999_999, 1 << 40])
    func rows(base: Int) {
        for partition in [UInt32(0), 300] {
            let known = KnownTopic(sampleTopic(partitions: 400))
            let answer = PublishAnswer(known, partition, PublishedTime(1_700_000_000_123))
            let together = text { answer.append(all: 20, .offset(base), in: [], to: &$0) }
            let apart = text { body in
                for record in 0..<20 {
                    answer.append(.offset(base + record), 0, in: [], to: &body)
                    body.append(UInt8(ascii: ","))
                }
            }
            #expect(together == apart)
        }
    }

    @Test(
        "of publishes that came together are those too, each in bytes of its own",
        arguments: [0, 95, 998, 99_990])
    func singles(base: Int) {
        let answer = PublishAnswer(KnownTopic(sampleTopic()), 0, PublishedTime(1_700_000_000_123))
        var object = NumberedObject()
        let bodies = (0..<20).map { record in
            answer.response(.offset(base), record, in: [], &object).body
        }
        for (record, body) in bodies.enumerated() {
            let alone = text { answer.append(.offset(base), record, in: [], to: &$0) }
            #expect(String(decoding: body, as: UTF8.self) == alone + "\n")
        }
    }

    @Test("say where a record went, and end with the cursor behind it")
    func bytes() throws {
        let known = KnownTopic(sampleTopic(partitions: 2))
        let answer = PublishAnswer(known, 1, PublishedTime(1_700_000_000_123))
        let cursor = Cursor.after(
            partition: 1, offset: 9, of: known.topic.id, count: 2, logTime: 1_700_000_000_123)
        let expected = """
            {"id":"1-9","topic":"orders","partition":1,"offset":9,\
            "published_at":"2023-11-14T22:13:20.123Z","cursor":"\(cursor.text)"}
            """
        #expect(text { answer.append(.offset(4), 5, in: [], to: &$0) } == expected)
        #expect(Cursor(reading: cursor.bytes.span) == cursor)
    }
}
