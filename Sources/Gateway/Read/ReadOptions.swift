import Bytes
package import HTTP
package import Records

/// What a read asks for, with everything that it left out filled in.
package struct ReadOptions: Sendable {
    package enum Start: Equatable, Sendable {
        case earliest, latest
        /// Milliseconds since 1970.
        case time(Int)
        case offset(Int)
        case cursor(Cursor)
    }

    package var start = Start.earliest
    /// One partition only.
    package var partition: UInt32?
    /// In milliseconds; 0 looks once.
    package var wait: UInt64
    package var messagesMax: Int
    package var bytesMax: Int
    package var filter: Filter?
    /// The filter as its client wrote it, by which readers who want the same are known.
    package var filterText: [UInt8] = []
    package var format: ReadFormat

    /// All that the route knows.
    package static let parameters: [QueryParameter] = [
        "after", "from", "partition", "wait", "max_messages", "max_bytes", "filter",
    ]

    package init(_ format: ReadFormat, _ settings: ReadSettings) {
        self.format = format
        wait = min(settings.waitDefault, settings.waitMax)
        messagesMax = settings.messagesDefault
        bytesMax = settings.bytesDefault
    }

    /// Reads a request whose route produces `ReadFormat.produces`.
    package init(_ request: Request, _ settings: ReadSettings) throws(GatewayError) {
        var format = ReadFormat(rawValue: request.answerType) ?? .json
        if format == .frames, Self.wantsStored(request) { format = .storedFrames }
        var lastEventID: [UInt8]?
        if let range = request.value(of: .lastEventID) {
            lastEventID = Array(request.source[range])
        }
        do throws(ReadError) {
            try self.init(format, settings, lastEventID: lastEventID) { request.parameterBytes($0) }
        } catch {
            throw .read(error)
        }
        // Nobody waits for a head.
        if request.method == .head {
            wait = 0
            if format == .events { self.format = .json }
        }
    }

    /// Reads parameters, each of which is UTF-8.
    init(
        _ format: ReadFormat, _ settings: ReadSettings, lastEventID: [UInt8]? = nil,
        _ parameter: (String) -> [UInt8]?
    ) throws(ReadError) {
        self.init(format, settings)
        if let text = parameter("partition") {
            guard let number = Self.number(text), let partition = UInt32(exactly: number) else {
                throw .invalidParameter("partition", "has to be the number of a partition")
            }
            self.partition = partition
        }
        try readStart(parameter)
        if format == .events, let lastEventID, !lastEventID.isEmpty {
            guard let cursor = Cursor(reading: lastEventID.span) else {
                throw .invalidCursor("Last-Event-ID")
            }
            start = .cursor(cursor)
        }
        try readBounds(settings, parameter)
        guard let text = parameter("filter") else { return }
        do throws(FilterError) {
            filter = try Filter(parsing: text.span)
            filterText = text
        } catch {
            throw .invalidFilter(error)
        }
    }

    private mutating func readStart(_ parameter: (String) -> [UInt8]?) throws(ReadError) {
        // Who goes on need not take back where it began.
        if let after = parameter("after") {
            guard let cursor = Cursor(reading: after.span) else { throw .invalidCursor("after") }
            start = .cursor(cursor)
        } else if let from = parameter("from") {
            try readStart(from)
        }
    }

    private mutating func readStart(_ text: [UInt8]) throws(ReadError) {
        if text.elementsEqual("earliest".utf8) {
            start = .earliest
        } else if text.elementsEqual("latest".utf8) {
            start = .latest
        } else if let id = MessageID(text[...]) {
            guard partition ?? id.partition == id.partition else {
                throw .contradiction("from", "partition")
            }
            partition = id.partition
            start = .offset(id.offset)
        } else if let time = Timestamp.milliseconds(reading: text.span) {
            start = .time(max(Int(time), 0))
        } else {
            throw .invalidParameter(
                "from",
                "has to be earliest, latest, a time such as 2026-11-21T09:17:46Z, or the id of a "
                    + "message such as 3-1042")
        }
    }

    private mutating func readBounds(
        _ settings: ReadSettings, _ parameter: (String) -> [UInt8]?
    ) throws(ReadError) {
        if let text = parameter("wait") {
            guard let wait = Duration(human: text.span) else {
                throw .invalidParameter("wait", "has to be a duration such as 20s or 500ms")
            }
            self.wait = min(wait.milliseconds, settings.waitMax)
        }
        if let text = parameter("max_messages") {
            guard let number = Self.number(text), number >= 1 else {
                throw .invalidParameter("max_messages", "has to be a number, 1 or more")
            }
            messagesMax = min(number, settings.messagesMax)
        }
        if let text = parameter("max_bytes") {
            guard let size = HumanSize.parse(text.span), size >= 1 else {
                throw .invalidParameter("max_bytes", "has to be a size such as 1MiB")
            }
            bytesMax = min(size, settings.bytesMax)
        }
    }

    private static func number(_ text: [UInt8]) -> Int? {
        MessageID.number(text[...])
    }

    /// Whether an Accept field names the parameter `stored=1`.
    private static func wantsStored(_ request: Request) -> Bool {
        for field in request.fields(.accept) {
            let text = request.source[field.value].filter { $0 != .space && $0 != .tab }
            let value = String(decoding: text, as: UTF8.self).asciiLowercased
            if value.contains(ReadFormat.produces[3] + ";stored=1") { return true }
        }
        return false
    }
}

/// The id of a message that has its place: `<partition>-<offset>`.
package struct MessageID: Equatable, Sendable {
    package let partition: UInt32
    package let offset: Int

    init(partition: UInt32, offset: Int) {
        self.partition = partition
        self.offset = offset
    }

    package init?(_ text: ArraySlice<UInt8>) {
        guard let dash = text.firstIndex(of: UInt8(ascii: "-")),
            let partition = Self.number(text[..<dash]).flatMap({ UInt32(exactly: $0) }),
            let offset = Self.number(text[(dash + 1)...])
        else { return nil }
        self.partition = partition
        self.offset = offset
    }

    /// A decimal number that is below 2^62, as it is written by us.
    static func number(_ text: ArraySlice<UInt8>) -> Int? {
        guard 1...19 ~= text.count, text.allSatisfy(\.isDigit),
            text.count == 1 || text.first != UInt8(ascii: "0")
        else { return nil }
        var value: UInt64 = 0
        for byte in text { value = value * 10 + UInt64(byte & 15) }
        return value < 1 << 62 ? Int(value) : nil
    }
}
