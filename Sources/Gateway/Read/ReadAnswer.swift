import Bytes
import HTTP

/// An answer that many readers share; only the wait that each is told differs.
struct ReadAnswer {
    /// How long a client may use a page that is full, in seconds: what it says of the lag grows old.
    static let pageSecondsMax = 60

    private let base: Response
    private var last: (wait: UInt64, response: Response)?

    init(
        _ rendition: consuming Rendition, next: Cursor, _ ending: ReadEnding, lag: Int,
        isClosed: Bool
    ) {
        let mayStay = isClosed && !rendition.hasExpiry
        rendition.finish(next: next, ending, lag: lag)
        var response = Response(.ok)
        response.setBody(rendition.body)
        response.add("Content-Type", rendition.format.contentType)
        if mayStay {
            response.add("Cache-Control", "private, max-age=\(Self.pageSecondsMax)")
            response.setETag(Self.tag(of: rendition.body))
        } else {
            response.add("Cache-Control", "no-store")
        }
        // Which of the forms came depends on what was asked for.
        response.add("Vary", "Accept")
        response.add("Posthorn-Next", next.text)
        response.add("Posthorn-Ended", ending.rawValue)
        response.add("Posthorn-Lag", "\(lag)")
        base = response
    }

    /// The answer to a reader that waited so long at most.
    mutating func response(wait: UInt64) -> Response {
        if let last, last.wait == wait { return last.response }
        var response = base
        response.add("Posthorn-Wait", Duration.milliseconds(wait).human)
        last = (wait, response)
        return response
    }

    private static func tag(of body: [UInt8]) -> String {
        String(CRC32C.of(body.span), radix: 16) + "-" + String(body.count, radix: 16)
    }
}
