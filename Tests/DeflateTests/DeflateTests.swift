import Testing

@testable import Deflate

private let hello = [UInt8]("hello, hello, hello\n".utf8)
// Made by other programs than this one: gzip(1), and zlib of Python with and without its wrapping.
private let helloGzip: [UInt8] = [
    0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0xD7,
    0x51, 0xC8, 0x40, 0xA2, 0xB8, 0x00, 0xE7, 0x42, 0x6E, 0x52, 0x14, 0x00, 0x00, 0x00,
]
private let helloZlib: [UInt8] = [
    0x78, 0x9C, 0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0xD7, 0x51, 0xC8, 0x40, 0xA2, 0xB8, 0x00, 0x4B, 0x07,
    0x06, 0xDF,
]
private let helloRaw: [UInt8] = [
    0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0xD7, 0x51, 0xC8, 0x40, 0xA2, 0xB8, 0x00,
]

private func compressed(
    _ bytes: [UInt8], _ format: DeflateFormat = .gzip, level: Int = 6
) -> [UInt8] {
    var deflater = Deflater(format: format, level: level)
    var output: [UInt8] = []
    deflater.append(bytes[...], to: &output)
    return output
}

private func inflated(
    _ bytes: [UInt8], _ format: DeflateFormat, cuts: [Int] = [], limit: Int = 1 << 20
) throws(DeflateError) -> [UInt8] {
    let inflater = Inflater(format: format)
    var output: [UInt8] = []
    var start = 0
    for end in cuts + [bytes.count] {
        try inflater.append(bytes[start..<end], to: &output, sizeMax: limit)
        start = end
    }
    try inflater.finish()
    return output
}

private func noise(_ count: Int) -> [UInt8] {
    var state: UInt64 = 7
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
    }
}

@Suite("Decompression")
struct InflaterTests {
    static let formats: [([UInt8], DeflateFormat)] = [
        (helloGzip, .gzip), (helloZlib, .zlib), (helloRaw, .raw), (helloRaw, .zlib),
    ]

    @Test("Other programs' bytes are read, cut at every place", arguments: formats)
    func everyCut(_ bytes: [UInt8], _ format: DeflateFormat) throws {
        #expect(try inflated(bytes, format) == hello)
        #expect(try inflated(bytes, format, cuts: Array(0...bytes.count)) == hello)
        for cut in 0...bytes.count { #expect(try inflated(bytes, format, cuts: [cut]) == hello) }
    }

    @Test("What ends too early is truncated, wherever it ends", arguments: formats)
    func truncated(_ bytes: [UInt8], _ format: DeflateFormat) {
        for count in 0..<bytes.count {
            #expect(throws: DeflateError.truncated) {
                try inflated(Array(bytes[..<count]), format)
            }
        }
    }

    @Test("Anything behind the end is refused", arguments: formats)
    func garbage(_ bytes: [UInt8], _ format: DeflateFormat) {
        for tail: [UInt8] in [[0], [0x1F, 0x8C], Array("x".utf8)] as [[UInt8]] {
            #expect(throws: DeflateError.badData) { try inflated(bytes + tail, format) }
            #expect(throws: DeflateError.badData) {
                try inflated(bytes + tail, format, cuts: [bytes.count])
            }
        }
    }

    @Test("Gzip members behind each other are one body")
    func members() throws {
        let bytes = helloGzip + compressed([]) + compressed(noise(100))
        for cut in 0...bytes.count {
            #expect(try inflated(bytes, .gzip, cuts: [cut]) == hello + noise(100))
        }
        #expect(throws: DeflateError.truncated) { try inflated(bytes.dropLast(), .gzip) }
        #expect(throws: DeflateError.badData) { try inflated(helloZlib + helloZlib, .zlib) }
    }

    @Test(
        "What is not compressed is refused",
        arguments: [
            (hello, .gzip), (hello, .zlib), ([0xFF, 0xFF], .raw), (helloZlib, .gzip),
            (helloGzip, .zlib), (noise(50), .zlib), (hello, .raw),
        ] as [([UInt8], DeflateFormat)])
    func notCompressed(_ bytes: [UInt8], _ format: DeflateFormat) {
        #expect(throws: DeflateError.badData) { try inflated(bytes, format) }
    }

    @Test("A wrong check sum or length is refused", arguments: 1...8)
    func checkSum(back: Int) {
        var bytes = helloGzip
        bytes[bytes.count - back] ^= 1
        #expect(throws: DeflateError.badData) { try inflated(bytes, .gzip) }
    }

    @Test(
        "The limit is reached and not passed", arguments: [0, 1, 16_383, 16_384, 16_385, 100_000])
    func limit(size: Int) throws {
        let bytes = [UInt8](repeating: 65, count: size)
        let small = compressed(bytes)
        #expect(try inflated(small, .gzip, limit: size) == bytes)
        guard size > 0 else { return }
        #expect(throws: DeflateError.tooLarge(limit: size - 1)) {
            try inflated(small, .gzip, limit: size - 1)
        }
    }

    @Test("Sixty-four mebibytes of zeros stop at the limit")
    func bomb() {
        let bomb = compressed([UInt8](repeating: 0, count: 64 << 20), level: 9)
        #expect(bomb.count < 70_000)
        let inflater = Inflater(format: .gzip)
        var output: [UInt8] = []
        #expect(throws: DeflateError.tooLarge(limit: 1 << 20)) {
            try inflater.append(bomb[...], to: &output, sizeMax: 1 << 20)
        }
        #expect(output.count <= 1 << 20)
    }

    @Test("After any end the inflater takes another body of another format")
    func reset() throws {
        let inflater = Inflater(format: .gzip)
        var output: [UInt8] = []
        #expect(throws: DeflateError.tooLarge(limit: 10)) {
            try inflater.append(helloGzip[...], to: &output, sizeMax: 10)
        }
        for (bytes, format) in Self.formats {
            inflater.reset(format: format)
            #expect(throws: DeflateError.truncated) { try inflater.finish() }
            output = []
            try inflater.append(bytes[...], to: &output, sizeMax: 100)
            try inflater.finish()
            #expect(output == hello)
        }
        inflater.reset(format: .zlib)
        #expect(throws: DeflateError.badData) {
            try inflater.append([255, 255, 255], to: &output, sizeMax: 100)
        }
        inflater.reset(format: .gzip)
        output = []
        try inflater.append(helloGzip[...], to: &output, sizeMax: 100)
        #expect(output == hello)
    }
}

@Suite("Compression")
struct DeflaterTests {
    @Test(
        "What was compressed comes back",
        arguments: [0, 1, 100, 16_384, 300_000], [DeflateFormat.gzip, .zlib, .raw])
    func roundTrip(size: Int, format: DeflateFormat) throws {
        for bytes in [noise(size), [UInt8](repeating: 65, count: size)] {
            #expect(try inflated(compressed(bytes, format), format) == bytes)
        }
    }

    @Test("Each level works, and the last is no larger than the first", arguments: 1...9)
    func levels(level: Int) throws {
        let bytes = Array(repeatElement(hello, count: 500).joined())
        let small = compressed(bytes, level: level)
        #expect(try inflated(small, .gzip) == bytes)
        #expect(small.count <= compressed(bytes, level: 1).count)
    }

    @Test("One deflater compresses many bodies, each by itself, behind what is there")
    func reuse() throws {
        var deflater = Deflater(format: .gzip, level: 6)
        var output: [UInt8] = [1, 2]
        deflater.append(hello[...], to: &output)
        let first = Array(output[2...])
        #expect(Array(output[..<2]) == [1, 2])
        output = []
        deflater.append(hello[...], to: &output)
        #expect(output == first)
        #expect(try inflated(output, .gzip) == hello)
    }
}
