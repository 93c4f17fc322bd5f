import Bytes
import HTTP

/// Compares all that a server read from a connection with all that it wrote.
///
/// Every request has one answer, in order, and nothing follows an answer that closes. The parsers
/// that read both sides have their own tests; here they are taken at their word.
struct Referee {
    /// Longer problems only repeat a long path.
    private static let checkedSizeMax = 2_000

    private static let interim = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    private let read: [UInt8]
    private let wrote: [UInt8]
    private let statuses: [String: Int]
    /// Whether the server answered before anything was read, because it has clients enough.
    private let isTurnedAway: Bool
    private var readPlace = 0
    private var wrotePlace = 0
    /// The final answers that were found.
    private(set) var answers = 0
    /// Whether the last answer said that it is the last.
    private(set) var hasClosed = false

    init(read: [UInt8], wrote: [UInt8], statuses: [String: Int], isTurnedAway: Bool) {
        self.read = read
        self.wrote = wrote
        self.statuses = statuses
        self.isTurnedAway = isTurnedAway
    }

    private enum End { case at(Int), missing, broken }

    private struct Answer {
        var head = ResponseHead()
        var bytes: [UInt8] = []
        var body: [UInt8] = []
        var size = 0
    }

    /// Returns what is wrong, if anything; `isComplete` says that no answer is still to come.
    mutating func fault(isComplete: Bool) -> String? {
        while true {
            var parser = RequestParser(limits: HTTPLimits())
            let isWhole = isTurnedAway ? false : parse(&parser)
            let end = isWhole == true ? bodyEnd(parser.head) : .missing
            let interims = takeInterims()
            if interims > (isWhole == true && parser.head.expectsContinue ? 1 : 0) {
                return "100 Continue was not asked for"
            }
            if wrotePlace == wrote.count {
                guard isComplete, let isWhole, isWhole, case .at = end else { return nil }
                return "request \(answers + 1) was never answered"
            }
            guard let answer = nextAnswer(toAny: parser.head.method) else {
                return isComplete || !isPrefix() ? "answer \(answers + 1) is not well formed" : nil
            }
            answers += 1
            wrotePlace += answer.size
            if let fault = fault(of: answer, to: parser.head, isWhole == true) {
                return "answer \(answers): \(fault)"
            }
            if !answer.head.keepsAlive {
                hasClosed = true
                return wrotePlace == wrote.count ? nil : "something follows the last answer"
            }
            guard isWhole == true else { return "answer \(answers) goes on after no request" }
            guard case .at(let place) = end else {
                // Only a refusal may leave before the body is there, and nothing behind it.
                guard answer.head.status >= 400 || parser.head.method == .options else {
                    return "a message that was cut short was acted on"
                }
                return wrotePlace == wrote.count ? nil : "an answer overtook a body"
            }
            readPlace += place
        }
    }

    private mutating func takeInterims() -> Int {
        var count = 0
        while wrote[wrotePlace...].starts(with: Self.interim) {
            wrotePlace += Self.interim.count
            count += 1
        }
        return count
    }

    /// Whether what is left may still become an answer; the server's own bytes are never broken.
    private func isPrefix() -> Bool { wrote[wrotePlace...].starts(with: "HTTP/1.1 ".utf8) }

    /// Nil for bytes that are no request.
    private func parse(_ parser: inout RequestParser) -> Bool? {
        do throws(HTTPError) {
            return try parser.advance(over: read.span.extracting(droppingFirst: readPlace))
        } catch {
            return nil
        }
    }

    private func bodyEnd(_ head: RequestHead) -> End {
        let size = read.count - readPlace
        switch head.framing {
        case .none, .untilClose: return .at(head.size)
        case .length(let length):
            return size - head.size >= length ? .at(head.size + length) : .missing
        case .chunked:
            var decoder = ChunkedDecoder(limits: HTTPLimits())
            var place = head.size
            let bytes = read.span.extracting(droppingFirst: readPlace)
            do throws(HTTPError) {
                while true {
                    switch try decoder.advance(over: bytes, from: &place) {
                    case .data: break
                    case .needMore: return .missing
                    case .done: return .at(place)
                    }
                }
            } catch {
                return .broken
            }
        }
    }

    /// What is answered for being slow was perhaps no HEAD yet, and has a body then.
    private func nextAnswer(toAny method: Method) -> Answer? {
        let answer = nextAnswer(to: method)
        guard method == .head, answer?.head.status == 408 else { return answer }
        return nextAnswer(to: .get) ?? answer
    }

    private func nextAnswer(to method: Method) -> Answer? {
        var parser = ResponseParser(answering: method, limits: HTTPLimits())
        let bytes = wrote.span.extracting(droppingFirst: wrotePlace)
        do throws(HTTPError) {
            guard try parser.advance(over: bytes), !parser.head.isInterim else { return nil }
        } catch {
            return nil
        }
        let headEnd = wrotePlace + parser.head.size
        var answer = Answer()
        answer.head = parser.head
        answer.bytes = Array(wrote[wrotePlace..<headEnd])
        answer.size = parser.head.size
        if parser.head.framing == .chunked { return takeChunks(of: answer, from: headEnd) }
        guard case .length(let length) = parser.head.framing else {
            return parser.head.framing == .none ? answer : nil
        }
        guard wrote.count - headEnd >= length else { return nil }
        answer.body = Array(wrote[headEnd..<headEnd + length])
        answer.size += length
        return answer
    }

    private func takeChunks(of answer: Answer, from start: Int) -> Answer? {
        var answer = answer
        var decoder = ChunkedDecoder(limits: HTTPLimits())
        var place = start
        do throws(HTTPError) {
            while true {
                switch try decoder.advance(over: wrote.span, from: &place) {
                case .data(let range): answer.body += wrote[range]
                case .needMore: return nil
                case .done:
                    answer.size += place - start
                    return answer
                }
            }
        } catch {
            return nil
        }
    }

    private func fault(
        of answer: Answer, to head: RequestHead, _ isWhole: Bool
    ) -> String? {
        let id = values(of: "Request-Id", answer)
        guard id.count == 1, values(of: "Date", answer).count == 1 else {
            return "Request-Id and Date stand in each answer, once"
        }
        let isLong = answer.body.count > Self.checkedSizeMax
        if answer.head.status >= 400, !answer.body.isEmpty, !isLong, !isJSON(answer.body) {
            return "the problem is not JSON"
        }
        guard isWhole else {
            return answer.head.status >= 400 && !answer.head.keepsAlive
                ? nil : "\(answer.head.status) for what is no request"
        }
        for field in head.fields where field.name == .requestID {
            let sent = String(decoding: value(field), as: UTF8.self)
            // What was too slow may have come later, to be read past.
            guard let status = statuses[sent], answer.head.status != 408 else { continue }
            if id != [sent] { return "it has the id \(id), and its request \(sent)" }
            if answer.head.status != status {
                return "\(sent) got \(answer.head.status) and not \(status)"
            }
        }
        return nil
    }

    private func value(_ field: FieldLine) -> ArraySlice<UInt8> {
        read[readPlace + field.value.lowerBound..<readPlace + field.value.upperBound]
    }

    private func values(of name: String, _ answer: Answer) -> [String] {
        answer.head.fields.compactMap { field in
            let sent = String(decoding: answer.bytes[field.fieldName], as: UTF8.self)
            guard sent == name else { return nil }
            return String(decoding: answer.bytes[field.value], as: UTF8.self)
        }
    }

    private func isJSON(_ bytes: [UInt8]) -> Bool {
        var reader = JSONReader(in: 0..<bytes.count)
        do throws(JSONError) {
            while try reader.next(bytes.span) != .end {}
            return true
        } catch {
            return false
        }
    }
}
