// Decompression through zlib, a piece at a time and never beyond a limit: a few kilobytes from a
// stranger can stand for gigabytes.
//
// zlib keeps a pointer from its inner state back to the stream, so the stream lives on the heap,
// where it does not move when its owner does.

internal import CZlib

/// Decompresses one body after another.
///
/// A class, so that those who wait in thousands and seldom need one have room for a reference only.
@safe
package final class Inflater {
    private let stream: UnsafeMutablePointer<z_stream>
    private var scratch = [UInt8](repeating: 0, count: 16 << 10)
    private var format: DeflateFormat
    private var produced = 0
    /// The first byte of zlib data, which may turn out to be raw.
    private var firstByte: UInt8?
    private var hasStarted = false
    private var isAtEnd = false

    /// Gzip is one member or several behind each other; zlib is also taken without its wrapping.
    ///
    /// HTTP means zlib when it says `deflate`, and some clients took that name at its word. The
    /// first two bytes tell which it is.
    package init(format: DeflateFormat) {
        self.format = format
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let status = unsafe zlib_inflate_init(stream, format.windowBits)
        precondition(status == Z_OK, "zlib cannot start: \(status)")
    }

    deinit {
        _ = unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Makes ready for another body, whatever became of the one before.
    package func reset(format: DeflateFormat) {
        self.format = format
        produced = 0
        firstByte = nil
        hasStarted = false
        isAtEnd = false
        restart(format)
    }

    /// Appends to `output` what `input`, the next piece of the body, decompresses to.
    ///
    /// The body as a whole may become `sizeMax` bytes. After an error only `reset` makes sense;
    /// what was appended before it stays there.
    package func append(
        _ input: ArraySlice<UInt8>, to output: inout [UInt8], sizeMax: Int
    ) throws(DeflateError) {
        precondition(sizeMax >= produced, "the limit of a body does not shrink under it")
        guard format == .zlib, !hasStarted else { return try run(input, &output, sizeMax) }
        guard let second = secondByte(input) else {
            firstByte = input.first ?? firstByte
            return
        }
        let held = firstByte
        if !isZlibHeader(held ?? input[input.startIndex], second) { restart(.raw) }
        hasStarted = true
        if let held { try run([held], &output, sizeMax) }
        try run(input, &output, sizeMax)
    }

    /// Ends the body, which has to be whole.
    package func finish() throws(DeflateError) {
        guard isAtEnd else { throw .truncated }
    }

    /// The second byte of the body, if it has come.
    private func secondByte(_ input: ArraySlice<UInt8>) -> UInt8? {
        firstByte == nil ? input.dropFirst().first : input.first
    }

    private func run(
        _ input: ArraySlice<UInt8>, _ output: inout [UInt8], _ sizeMax: Int
    ) throws(DeflateError) {
        var rest = input
        while !rest.isEmpty {
            if isAtEnd { try startNextMember(rest.first) }
            let count = try step(rest, &output, sizeMax)
            rest = rest.dropFirst(count)
        }
    }

    /// Only gzip goes on behind an end, and only with what starts as a member does.
    private func startNextMember(_ first: UInt8?) throws(DeflateError) {
        guard format == .gzip, first == 0x1F else { throw .badData }
        restart(.gzip)
        isAtEnd = false
    }

    /// Decompresses until `input` is used up or a member ends; returns the bytes it took.
    private func step(
        _ input: ArraySlice<UInt8>, _ output: inout [UInt8], _ sizeMax: Int
    ) throws(DeflateError) -> Int {
        var taken = 0
        while true {
            // One byte more than allowed tells "exactly the limit" from "beyond it".
            let room = min(scratch.count, sizeMax - produced + 1)
            let (status, used, made) = call(input.dropFirst(taken), room: room)
            taken += used
            produced += made
            guard produced <= sizeMax else { throw .tooLarge(limit: sizeMax) }
            output.append(contentsOf: scratch[..<made])
            switch status {
            case Z_STREAM_END:
                isAtEnd = true
                return taken
            // Without room or input left there is no progress, which is no error.
            case Z_OK where made < room, Z_BUF_ERROR: return taken
            case Z_OK: continue
            default: throw .badData
            }
        }
    }

    /// One call of zlib: from `input` to the front of `scratch`.
    private func call(
        _ input: ArraySlice<UInt8>, room: Int
    ) -> (status: Int32, used: Int, made: Int) {
        let piece = input.prefix(1 << 30)
        return unsafe piece.withUnsafeBufferPointer { source in
            unsafe scratch.withUnsafeMutableBufferPointer { target in
                unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
                unsafe stream.pointee.avail_in = UInt32(source.count)
                unsafe stream.pointee.next_out = target.baseAddress
                unsafe stream.pointee.avail_out = UInt32(room)
                let status = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
                let used = unsafe source.count - Int(stream.pointee.avail_in)
                return unsafe (status, used, room - Int(stream.pointee.avail_out))
            }
        }
    }

    private func restart(_ format: DeflateFormat) {
        let status = unsafe inflateReset2(stream, format.windowBits)
        precondition(status == Z_OK, "zlib cannot start again: \(status)")
    }
}

/// Whether the bytes start zlib data (RFC 1950, section 2.2).
///
/// Raw data could only look like this with a stored block whose padding is not zero, and nothing
/// writes those.
private func isZlibHeader(_ first: UInt8, _ second: UInt8) -> Bool {
    first & 0x0F == 8 && first >> 4 <= 7 && (UInt16(first) << 8 | UInt16(second)) % 31 == 0
}
