import Bytes
import HTTP
import Records
import Wire

/// Writes what a batch is told: an object for each of its messages, in their order.
enum BatchAnswer {
    /// The answer to a batch all of whose parts have a place.
    static func response(_ errand: BatchErrand) -> Response {
        if !errand.isLenient && errand.isInOrder { return responseInOrder(errand) }
        var objects = Objects(errand)
        for (number, part) in errand.parts.enumerated() {
            let placed = errand.place(of: number)
            let answer = PublishAnswer(errand.known, part.partition, PublishedTime(placed.logTime))
            for (record, message) in part.messages.enumerated() {
                objects.add(Int(message)) { body in
                    answer.append(placed.place, record, in: part.batch, to: &body)
                }
            }
        }
        return objects.response(isReplay: false)
    }

    /// The same where parts follow each other as their messages did: an object is written where it stays.
    private static func responseInOrder(_ errand: BatchErrand) -> Response {
        var body: [UInt8] = []
        body.reserveCapacity(errand.messageCount * PublishAnswer.objectSize(errand.known))
        body.append("{\"messages\":[")
        for (number, part) in errand.parts.enumerated() {
            let placed = errand.place(of: number)
            let answer = PublishAnswer(errand.known, part.partition, PublishedTime(placed.logTime))
            answer.append(all: part.messages.count, placed.place, in: part.batch, to: &body)
        }
        if errand.messageCount > 0 { body.removeLast() }
        body.append("]}\n")
        var response = PublishAnswer.empty(isBuffered: errand.isBuffered, isReplay: false)
        response.setBody(body)
        return response
    }

    /// The answer to a batch that came before; nil if some of it is new, or other than it was.
    static func response(repeating errand: BatchErrand) -> Response? {
        var objects = Objects(errand)
        for known in errand.repeated {
            guard case .same(let place, let original, let partition, let logTime) = known.verdict,
                errand.parts.indices.contains(known.part),
                errand.parts[known.part].messages.indices.contains(known.record)
            else { return nil }
            let part = errand.parts[known.part]
            let answer = PublishAnswer(
                errand.known, partition, PublishedTime(logTime), isReplay: true)
            objects.add(Int(part.messages[known.record])) { body in
                answer.append(
                    repeating: place, original, as: known.record, in: part.batch, to: &body)
            }
        }
        return objects.isWhole ? objects.response(isReplay: true) : nil
    }

    /// The objects of the answer, which come in the order of parts and leave in that of messages.
    private struct Objects {
        private let errand: BatchErrand
        private var bytes: [UInt8] = []
        private var ranges: [Range<Int>?]
        private var count = 0

        init(_ errand: BatchErrand) {
            self.errand = errand
            ranges = [Range<Int>?](repeating: nil, count: errand.messageCount)
            bytes.reserveCapacity(errand.messageCount * 128)
        }

        mutating func add(_ message: Int, _ write: (inout [UInt8]) -> Void) {
            if ranges[message] != nil { return }
            let start = bytes.count
            write(&bytes)
            ranges[message] = start..<bytes.count
            count += 1
        }

        var isWhole: Bool { count == errand.recordCount }

        func response(isReplay: Bool) -> Response {
            if errand.isLenient { return lenient(isReplay: isReplay) }
            var response = PublishAnswer.empty(isBuffered: errand.isBuffered, isReplay: isReplay)
            var body = [UInt8]("{\"messages\":[".utf8)
            body.reserveCapacity(bytes.count + ranges.count + 20)
            for (message, range) in ranges.enumerated() {
                if message > 0 { body.append(UInt8(ascii: ",")) }
                if let range { body.append(contentsOf: bytes[range]) }
            }
            body.append("]}\n")
            response.setBody(body)
            return response
        }

        /// One result for each message, the good and the bad.
        private func lenient(isReplay: Bool) -> Response {
            var faults: [Int: MessageFault] = [:]
            for fault in errand.faults { faults[fault.index] = fault }
            var body = [UInt8]("{\"results\":[".utf8)
            for (message, range) in ranges.enumerated() {
                if message > 0 { body.append(UInt8(ascii: ",")) }
                if let range {
                    body.append("{\"status\":\(errand.isBuffered ? 202 : 201),")
                    body.append(contentsOf: bytes[range].dropFirst())
                } else if let fault = faults[message] {
                    body.appendJSON { json in Self.write(fault, to: &json) }
                }
            }
            body.append("]}\n")
            var response = Response(.multiStatus)
            response.add("Content-Type", "application/json")
            response.add("Cache-Control", "no-store")
            response.add("Preference-Applied", "handling=lenient")
            if isReplay { response.add("Idempotency-Replayed", "true") }
            response.setBody(body)
            return response
        }

        private static func write(_ fault: MessageFault, to json: inout JSONWriter) {
            json.beginObject()
            json.key("status")
            json.int(422)
            json.key("code")
            json.string("invalid_message")
            json.key("detail")
            json.string("\(fault.member) \(fault.detail)")
            json.endObject()
        }
    }
}
