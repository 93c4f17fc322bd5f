/// What a pull has got so far.
struct Basket {
    private(set) var messages: [Waiting] = []
    private(set) var offsets = OffsetRanges()
    private var bytesLeft: Int
    private let messagesMax: Int
    private let runsMax: Int

    init(messagesMax: Int, bytesMax: Int, runsMax: Int) {
        self.messagesMax = messagesMax
        self.runsMax = runsMax
        bytesLeft = bytesMax
    }

    /// The first message always has room.
    func hasRoom(for message: Waiting) -> Bool {
        guard !messages.isEmpty else { return messagesMax > 0 }
        return messages.count < messagesMax && Int(message.size) <= bytesLeft
            && (offsets.end == message.offset
                || offsets.runCount(with: message.offset) <= runsMax)
    }

    mutating func add(_ message: Waiting) {
        messages.append(message)
        offsets.insert(message.offset..<message.offset + 1)
        bytesLeft -= Int(message.size)
    }

    /// In the order of their offsets.
    mutating func takeAll() -> [Waiting] {
        messages.sort { $0.offset < $1.offset }
        return messages
    }
}
