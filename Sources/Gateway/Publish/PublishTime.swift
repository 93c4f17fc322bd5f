import Bytes
import Records

/// Reads what messages say about time, wherever they say it; all is in milliseconds.
enum PublishTime {
    enum Refusal: Error, Equatable {
        /// It is no duration, or no date.
        case unreadable(String)
        case outOfBounds(String)
    }

    /// A delay from now on; nil if there is none.
    static func delay(_ text: Span<UInt8>) throws(Refusal) -> RecordDelay? {
        try delay(milliseconds: milliseconds(text))
    }

    static func delay(milliseconds: UInt64) throws(Refusal) -> RecordDelay? {
        guard milliseconds <= UInt64(PublishBounds.delayMax) else { throw tooFar }
        return milliseconds == 0 ? nil : .duration(milliseconds)
    }

    /// A date to wait for; nil if it has passed.
    static func deliverAt(_ text: Span<UInt8>, at now: TurnTime) throws(Refusal) -> RecordDelay? {
        guard let date = Timestamp.milliseconds(reading: text) else {
            throw .unreadable("has to be a date such as 2026-11-21T09:17:46.123Z")
        }
        return try deliverAt(milliseconds: UInt64(max(date, 0)), at: now)
    }

    static func deliverAt(
        milliseconds: UInt64, at now: TurnTime
    ) throws(Refusal) -> RecordDelay? {
        if milliseconds <= now.wall { return nil }
        guard milliseconds - now.wall <= UInt64(PublishBounds.delayMax) else { throw tooFar }
        return .date(milliseconds)
    }

    static func ttl(_ text: Span<UInt8>) throws(Refusal) -> UInt64 {
        try ttl(milliseconds: milliseconds(text))
    }

    static func ttl(milliseconds: UInt64) throws(Refusal) -> UInt64 {
        guard 1...UInt64(PublishBounds.ttlMax) ~= milliseconds else {
            let most = Duration.milliseconds(PublishBounds.ttlMax).human
            throw .outOfBounds("has to be from 1ms to \(most)")
        }
        return milliseconds
    }

    private static func milliseconds(_ text: Span<UInt8>) throws(Refusal) -> UInt64 {
        guard let duration = Duration(human: text) else {
            throw .unreadable("has to be a duration such as 250ms, 20s or 2h")
        }
        return duration.milliseconds
    }

    private static var tooFar: Refusal {
        let most = Duration.milliseconds(PublishBounds.delayMax).human
        return .outOfBounds("has to be at most \(most) ahead")
    }
}
