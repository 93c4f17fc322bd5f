import Bytes
package import HTTP
import Reactor
import Wire

/// What a desk says on a stream; the pieces of one stream come in order.
package struct DeskStream: Sendable {
    package enum Content: Sendable {
        /// Status and fields; its body means nothing.
        case begin(Response)
        case bytes([UInt8])
        case end
    }

    package let caller: Exchange
    package let content: Content

    init(_ caller: Exchange, _ content: Content) {
        self.caller = caller
        self.content = content
    }
}

/// A stream whose client does not keep up, and where it goes on.
struct HeldStream {
    let known: KnownTopic
    let taste: ReadTaste
    let place: ReadPlace
    let options: ReadOptions
}

/// Server-sent events. Readers of one place get the same bytes and move on together; one that does not
/// keep up stays behind, and nothing is fetched or kept for it until it does.
extension ReadDesk {
    /// When a client comes again after its stream broke, in milliseconds.
    package static let retryPause = 1_000

    /// Gives a piece to all, and lets them go on behind it.
    mutating func deliverEvents(_ reading: Reading, isAtEnd: Bool, at now: TurnTime) {
        beginStreams(reading, at: now)
        let piece = reading.rendition.body
        for reader in reading.readers {
            if reader.isPaused {
                hold(reader, reading)
            } else if !piece.isEmpty {
                streams.append(DeskStream(reader.caller, .bytes(piece)))
            }
        }
        if reading.readers.isEmpty { return }
        if drainEnd != nil || isAtEnd { return rest(reading, at: now) }
        reading.rest()
        ask(reading)
    }

    /// Begins those that have not; their clients know from the first moment where they are.
    mutating func beginStreams(_ reading: Reading, at now: TurnTime) {
        var prelude: [UInt8] = []
        for reader in reading.readers where !reader.hasBegun {
            guard takePlace(reader, reading.known.topic.id) else {
                refuse(reader, .read(.tooManyWaiting(limit: settings.parkedMax)))
                continue
            }
            if prelude.isEmpty { prelude = self.prelude(of: reading) }
            reader.hasBegun = true
            streams.append(DeskStream(reader.caller, .begin(Self.head)))
            streams.append(DeskStream(reader.caller, .bytes(prelude)))
            setHeartbeat(reader, at: now)
        }
    }

    private func prelude(of reading: Reading) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append("retry: ")
        bytes.append(decimal: UInt64(Self.retryPause))
        bytes.append("\nid: ")
        reading.began.cursor(of: reading.known.topic.id).append(to: &bytes)
        bytes.append("\n\n")
        return bytes
    }

    private static let head: Response = {
        var response = Response(.ok)
        response.add("Content-Type", ReadFormat.events.contentType)
        response.add("Cache-Control", "no-store")
        response.add("Vary", "Accept")
        // Proxies that collect answers are asked not to.
        response.add("X-Accel-Buffering", "no")
        return response
    }()

    mutating func endStream(_ reader: Reader) {
        if !reader.hasBegun { streams.append(DeskStream(reader.caller, .begin(Self.head))) }
        streams.append(DeskStream(reader.caller, .end))
        release(reader)
    }

    // MARK: Pace

    private mutating func hold(_ reader: Reader, _ reading: Reading) {
        held[reader.caller] = HeldStream(
            known: reading.known, taste: reading.taste, place: reading.began,
            options: reading.options)
        reading.lose(reader)
    }

    /// The client of a stream has enough unsent: it gets no more until it is resumed.
    package mutating func pause(_ caller: Exchange) { readers[caller]?.isPaused = true }

    /// The client of a stream keeps up again.
    package mutating func resume(_ caller: Exchange) {
        guard let reader = readers[caller], reader.isPaused else { return }
        reader.isPaused = false
        guard let held = held.removeValue(forKey: caller) else { return }
        join([reader], held.known, held.taste, held.place, held.options)
    }

    mutating func setHeartbeat(_ reader: Reader, at now: TurnTime) {
        if let timer = reader.timer { timers.cancel(timer) }
        let pause = settings.heartbeat - spread.next(below: settings.heartbeat / 10 + 1)
        reader.timer = timers.insert(reader, at: now.tick + pause)
    }

    /// A line that means nothing, so that nobody on the way takes the connection for dead.
    mutating func beat(_ reader: Reader, at now: TurnTime) {
        if !reader.isPaused { streams.append(DeskStream(reader.caller, .bytes([0x3A, .lf]))) }
        setHeartbeat(reader, at: now)
    }
}
