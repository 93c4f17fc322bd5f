/// The bytes that the grammars of RFC 3986, 9110 and 9112 speak of.
///
/// Every class is a set of ASCII bytes: no byte above 0x7F is ever in one.
struct ByteClass {
    private let low: UInt64
    private let high: UInt64

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        let half = byte < 64 ? low : high
        return byte < 128 && (half &>> UInt64(byte & 63)) & 1 == 1
    }

    /// `tchar`: what method and field names are made of.
    @inline(__always) static var token: ByteClass {
        ByteClass(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE)
    }

    /// `reg-name` without `%`, and without the comma, which would hide two Host fields merged into one.
    @inline(__always) static var host: ByteClass {
        ByteClass(low: 0x2BFF_6FD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE)
    }
}

extension UInt8 {
    @inline(__always) var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }

    /// A byte of a request target: visible ASCII but `#`, which begins a fragment and is never sent.
    ///
    /// `"`, `<`, `>`, `[`, `\`, `]`, `^`, backquote, `{`, `|` and `}` are outside RFC 3986 too, but
    /// browsers and curl send them as they are, and none of them delimits anything here.
    @inline(__always) var isTarget: Bool {
        self > 0x20 && self < 0x7F && self != UInt8(ascii: "#")
    }
}
