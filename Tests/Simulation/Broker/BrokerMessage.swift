/// A message that some client sent, and what is known of its fate.
final class BrokerMessage {
    enum Fate: Equatable {
        case open
        /// Confirmed, at this place.
        case stored(partition: Int, offset: Int)
        /// Confirmed, and to be shown once it is due.
        case held
        /// Stored, by the broker's word, at a place that it did not tell.
        case done
        /// It may be there, or not.
        case unknown
        /// Nothing is stored, by the broker's word.
        case refused
    }

    let number: Int
    let topic: String
    let body: [UInt8]
    var key: String?
    var partition: Int?
    var delay = 0
    /// Whether it may be left out, once its time is over.
    var mayExpire = false
    var idempotencyKey: String?
    /// Those that were sent with it, in their order: all of them are stored, or none.
    var batch: [BrokerMessage] = []
    /// The steps in which it was sent first and answered last.
    var sentAt = 0
    var answeredAt = Int.max
    /// The lowest date while it was on its way.
    var wallMin = Int.max
    /// How often it was sent, and how often that may have stored it.
    var attempts = 0
    var refusals = 0
    var fate = Fate.open

    init(number: Int, topic: String, size: Int) {
        self.number = number
        self.topic = topic
        let letter = UInt8(ascii: "a") + UInt8(number % 26)
        body = Array("m\(number).".utf8) + [UInt8](repeating: letter, count: size)
    }

    var isConfirmed: Bool {
        switch fate {
        case .stored, .held, .done: true
        case .open, .unknown, .refused: false
        }
    }

    /// The number in a body, if that is one of a message.
    static func number(in body: [UInt8]) -> Int? {
        guard body.first == UInt8(ascii: "m"), let end = body.firstIndex(of: UInt8(ascii: "."))
        else { return nil }
        return Int(String(decoding: body[1..<end], as: UTF8.self))
    }
}
