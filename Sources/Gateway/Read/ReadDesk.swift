// Reading without a group, on one loop. A read becomes calls to the shards of its partitions, and what
// they say becomes its answer; one that finds nothing and may wait is parked. No clock, no socket:
// requests and times come in, calls, answers and pieces of streams go out.
//
// Those who read the same place in the same way are one `Reading`: asked for once, written once.

import Bytes
import HTTP
import Reactor
import Records
import Wire

/// The readers' side of a gateway loop.
package struct ReadDesk: ~Copyable {
    /// Requests and streams at once.
    package static let readersMax = 65_536
    /// Readings that storage is being asked for at once; the others stand in line.
    package static let askingMax = 1_024
    /// Fetches of one reading, and what they brought in bytes, before it is answered with what it
    /// has: a filter may skip much.
    package static let roundsMax = 64
    package static let fetchedSizeMax = 32 << 20

    /// What waits for an answer of storage.
    enum Pending {
        /// The positions of the partitions that the call is about.
        case fetch(Reading, [Int])
        case locate(Reading, [Int])
        case watch(Lookout)
        case inquiry(ReadInquiry)
    }

    package var settings: ReadSettings
    var batches = BatchReader()
    var pending = Slab<Pending>()
    var readers: [Exchange: Reader] = [:]
    var timers: TimerWheel<Reader>
    /// Those that are parked.
    var parked: [Reading.Key: Reading] = [:]
    var lookouts: [Lookout.Key: Lookout] = [:]
    /// Those whose calls have not left, so that whoever comes is as early as they.
    var fresh: [Reading.Key: Reading] = [:]
    var inquiries: [[UInt8]: ReadInquiry] = [:]
    /// Those that are to be asked for when others are done.
    var line: ReadingLine = ReadingLine()
    var askingCount = 0
    /// Topics that have changed since there are readers.
    var grown: [UInt32: KnownTopic] = [:]
    /// Streams that have to wait for their clients.
    var held: [Exchange: HeldStream] = [:]
    var waitingByTopic: [UInt32: Int] = [:]
    var spread: Spread
    var drainEnd: UInt64?

    var calls: [DeskCall] = []
    var answers: [DeskAnswer] = []
    var streams: [DeskStream] = []
    package internal(set) var counts = ReadCounts()
    var reported = ReadCounts()

    package init(_ settings: ReadSettings, at now: TurnTime) {
        self.settings = settings
        timers = TimerWheel(now: now.tick)
        spread = Spread(seed: settings.seed)
    }

    /// Whether `takeCalls` has something.
    var hasCalls: Bool { !calls.isEmpty }

    /// What is to be sent to storage.
    package mutating func takeCalls() -> [DeskCall] {
        fresh.removeAll(keepingCapacity: true)
        return calls.takeAll()
    }

    /// What is to be said to clients.
    package mutating func takeAnswers() -> [DeskAnswer] {
        answers.takeAll()
    }

    /// What is to be streamed to clients.
    package mutating func takeStreams() -> [DeskStream] {
        streams.takeAll()
    }

    /// Whether nothing is left of anybody, but for calls whose answers have not come.
    package var isQuiet: Bool {
        readers.isEmpty && parked.isEmpty && lookouts.isEmpty && held.isEmpty
            && timers.count == 0
            && waitingByTopic.isEmpty && counts.parked == 0
    }

    /// The calls that wait for their answers.
    package var pendingCount: Int { pending.count }
}

// MARK: Requests

extension ReadDesk {
    /// `GET /v1/topics/{topic}/messages`.
    package mutating func read(
        _ options: ReadOptions, of name: ArraySlice<UInt8>, for caller: Exchange,
        in topics: borrowing TopicMap, at now: TurnTime
    ) throws(GatewayError) {
        let reader = try admit(caller, options, at: now)
        try start(reader, .page, options, name, topics, at: now)
    }

    /// `GET /v1/topics/{topic}/messages/{id}`.
    package mutating func get(
        _ id: ArraySlice<UInt8>, isEnvelope: Bool, of name: ArraySlice<UInt8>,
        for caller: Exchange, in topics: borrowing TopicMap, at now: TurnTime
    ) throws(GatewayError) {
        if id.starts(with: "h-".utf8) { throw .read(.messageHeld) }
        guard let id = MessageID(id) else { throw .read(.noSuchMessage) }
        var options = ReadOptions(.json, settings)
        options.wait = 0
        options.start = .offset(id.offset)
        options.partition = id.partition
        let reader = try admit(caller, options, at: now)
        try start(reader, .message(id, isEnvelope: isEnvelope), options, name, topics, at: now)
    }

    private mutating func admit(
        _ caller: Exchange, _ options: ReadOptions, at now: TurnTime
    ) throws(GatewayError) -> Reader {
        guard readers.count < Self.readersMax, pending.count < Self.readersMax else {
            throw .read(.overloaded)
        }
        let isStream = options.format == .events
        let reader = Reader(caller, wait: options.wait, isStream: isStream, at: now.tick)
        reader.due = now.tick + wait(of: reader)
        return reader
    }

    /// A little less than what was asked for, and not the same for all who came together.
    private mutating func wait(of reader: Reader) -> UInt64 {
        let margin = reader.wait / 100
        return reader.wait - margin - spread.next(below: margin * 4 + 1)
    }

    private mutating func start(
        _ reader: Reader, _ kind: Reading.Kind, _ options: ReadOptions,
        _ name: ArraySlice<UInt8>, _ topics: borrowing TopicMap, at now: TurnTime
    ) throws(GatewayError) {
        let request = ReadRequest(reader: reader, kind: kind, options: options)
        let isWaiting = reader.wait > 0 && !reader.isStream
        reader.timer = timers.insert(
            reader, at: isWaiting ? reader.due : now.tick + settings.timeout)
        readers[reader.caller] = reader
        do throws(GatewayError) {
            if let known = topics.find(name.span), Self.isUpToDate(known, options) {
                try begin(request, known, hasAskedAgain: false)
            } else {
                guard Name.isValid(name.span) else { throw .topic(.invalidName) }
                inquire(.request(request), [UInt8](name))
            }
        } catch {
            release(reader)
            throw error
        }
    }

    /// Lets go of a reader, whatever it waits for.
    mutating func release(_ reader: Reader) {
        if reader.isGone { return }
        reader.isGone = true
        readers[reader.caller] = nil
        if let timer = reader.timer { timers.cancel(timer) }
        reader.timer = nil
        if reader.isPaused { held[reader.caller] = nil }
        leavePlace(reader)
        if let reading = reader.reading {
            reading.lose(reader)
            if reading.readers.isEmpty { unpark(reading) }
        }
    }

    mutating func refuse(_ reader: Reader, _ error: GatewayError) {
        if reader.isGone { return }
        if reader.hasBegun {
            streams.append(DeskStream(reader.caller, .end))
        } else {
            answers.append(DeskAnswer(reader.caller, .problem(error)))
        }
        release(reader)
    }

    mutating func refuseAll(_ reading: Reading, _ error: GatewayError) {
        for reader in reading.readers { refuse(reader, error) }
    }
}
