// The batch of type application/x-ndjson: each line is the body of one message, which is JSON.

import Bytes
import Records

/// Reads the lines of a body; those with nothing in them are stepped over.
struct MessageLineReader: MessageSource {
    static let root = ""
    private static let contentType = [UInt8]("application/json".utf8)

    private let body: [UInt8]
    private var place = 0
    private var index = 0

    init(_ body: [UInt8]) { self.body = body }

    mutating func next(
        _ input: Span<UInt8>, at now: TurnTime, into message: inout BatchMessage
    ) throws(BodyError) -> BatchStep {
        while place < body.count {
            let line = nextLine()
            if line.isEmpty { continue }
            defer { index += 1 }
            if let error = check(line, input) {
                return .fault(MessageFault(index, "", error.message))
            }
            message.draft.time = now.wall
            message.draft.body = body[line]
            message.draft.contentType = Self.contentType[...]
            return .message
        }
        return .end
    }

    private mutating func nextLine() -> Range<Int> {
        let start = place
        var end = body[start...].firstIndex(of: .lf) ?? body.count
        place = end + 1
        while end > start, body[end - 1] <= .space { end -= 1 }
        return start..<end
    }

    private func check(_ line: Range<Int>, _ input: Span<UInt8>) -> JSONError? {
        var reader = JSONReader(in: line)
        do throws(JSONError) {
            try reader.skipValue(input)
            _ = try reader.next(input)
            return nil
        } catch {
            return error
        }
    }
}
