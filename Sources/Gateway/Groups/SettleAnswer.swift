import Bytes
import HTTP
import Records
import Wire

/// What became of what a client settled, receipt by receipt.
enum SettleAnswer {
    static func response(_ settlement: SettleErrand) -> Response {
        var json = JSONWriter()
        json.beginObject()
        writeResults(of: settlement, to: &json)
        json.endObject()
        json.endLine()
        return .json(.ok, json.finish())
    }

    static func writeResults(of settlement: SettleErrand, to json: inout JSONWriter) {
        json.key("results")
        json.beginArray()
        for result in settlement.results {
            json.beginObject()
            json.member("receipt", result.receipt)
            json.member("status", result.status.word)
            write(result.exceptions, to: &json)
            json.endObject()
        }
        json.endArray()
    }

    /// The messages of a receipt that became something else than it says.
    private static func write(_ exceptions: [SettleErrand.Run], to json: inout JSONWriter) {
        if exceptions.isEmpty { return }
        json.key("messages")
        json.beginArray()
        for exception in exceptions {
            for offset in exception.run.offsets {
                json.beginObject()
                json.key("id")
                json.string("\(exception.partition.partition)-\(offset)")
                json.key("status")
                json.string(exception.run.verdict.word)
                json.endObject()
            }
        }
        json.endArray()
    }
}
