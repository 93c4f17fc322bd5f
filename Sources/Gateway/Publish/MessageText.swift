import Bytes

/// Memory for the texts of one message that do not stand in the body as they are meant.
///
/// A text is noted as a range first and made a slice when the message is whole: a slice that is
/// alive would make every append copy all that is there.
struct MessageText {
    /// A text in the body or in the scratch memory.
    struct Piece {
        var range: Range<Int>
        var isScratch: Bool
    }

    /// Scratch memory that grew beyond this is given back to the system.
    static let keptCapacityMax = 256 << 10

    let body: [UInt8]
    private var scratch: [UInt8] = []

    init(_ body: [UInt8]) { self.body = body }

    /// Begins another message: what the last one had is not needed any more.
    mutating func clear() {
        if scratch.isEmpty { return }
        scratch.removeAll(keepingCapacity: scratch.capacity <= Self.keptCapacityMax)
    }

    /// The string or key that `reader` has just read.
    mutating func piece(_ reader: JSONReader) -> Piece {
        guard reader.hasEscapes else { return Piece(range: reader.text, isScratch: false) }
        let start = scratch.count
        scratch.append(unescapingJSON: body[reader.text])
        return Piece(range: start..<scratch.count, isScratch: true)
    }

    /// What the string in base64 that `reader` has just read stands for; nil if it is none.
    mutating func base64(_ reader: JSONReader) -> Piece? {
        let start = scratch.count
        let text = body[reader.text]
        guard Base64.standard.appendDecoded(paddedIfAny: text.span, to: &scratch) else {
            return nil
        }
        return Piece(range: start..<scratch.count, isScratch: true)
    }

    mutating func piece(copying text: String) -> Piece {
        let start = scratch.count
        scratch.append(contentsOf: text.utf8)
        return Piece(range: start..<scratch.count, isScratch: true)
    }

    /// A text of two parts.
    mutating func piece(_ prefix: String, _ rest: Piece) -> Piece {
        let start = scratch.count
        scratch.append(contentsOf: prefix.utf8)
        let text = Array(slice(rest))
        scratch.append(contentsOf: text)
        return Piece(range: start..<scratch.count, isScratch: true)
    }

    func slice(_ piece: Piece) -> ArraySlice<UInt8> {
        piece.isScratch ? scratch[piece.range] : body[piece.range]
    }

    func string(_ piece: Piece) -> String { String(decoding: slice(piece), as: UTF8.self) }
}
