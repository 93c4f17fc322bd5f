/// The names of the methods, which are compared with regard to case.
extension Method {
    /// The name as it stands on the request line; empty for `other`.
    package var name: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .patch: "PATCH"
        case .trace: "TRACE"
        case .connect: "CONNECT"
        case .other: ""
        }
    }

    init(recognising range: Range<Int>, in bytes: Span<UInt8>) {
        let guess: Method
        switch bytes[range.lowerBound] {
        case UInt8(ascii: "G"): guess = .get
        case UInt8(ascii: "H"): guess = .head
        case UInt8(ascii: "P"): guess = Self.startingWithP(range.count)
        case UInt8(ascii: "D"): guess = .delete
        case UInt8(ascii: "O"): guess = .options
        case UInt8(ascii: "T"): guess = .trace
        case UInt8(ascii: "C"): guess = .connect
        default: guess = .other
        }
        self = bytes.equals(range, guess.name.utf8.span) ? guess : .other
    }

    private static func startingWithP(_ size: Int) -> Method {
        switch size {
        case 3: .put
        case 4: .post
        default: .patch
        }
    }
}
