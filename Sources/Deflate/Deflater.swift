// Compression through zlib, a whole answer at a time. The 256 KiB that zlib needs are kept from one
// answer to the next.

internal import CZlib

/// Compresses one body after another.
@safe
package struct Deflater: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>
    private var scratch = [UInt8](repeating: 0, count: 16 << 10)

    /// `level` is from 1, the fastest, to 9, the smallest.
    package init(format: DeflateFormat, level: Int) {
        precondition(1...9 ~= level, "zlib has levels from 1 to 9")
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let status = unsafe zlib_deflate_init(stream, Int32(level), format.windowBits)
        precondition(status == Z_OK, "zlib cannot start: \(status)")
    }

    deinit {
        _ = unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Appends `input`, compressed by itself and whole, to `output`.
    package mutating func append(_ input: ArraySlice<UInt8>, to output: inout [UInt8]) {
        precondition(input.count <= Int(UInt32.max), "a body is smaller than 4 GiB")
        let status = unsafe deflateReset(stream)
        precondition(status == Z_OK, "zlib cannot start again: \(status)")
        var rest = input
        while true {
            let (status, used, made) = call(rest)
            precondition(status == Z_OK || status == Z_STREAM_END, "zlib cannot go on: \(status)")
            rest = rest.dropFirst(used)
            output.append(contentsOf: scratch[..<made])
            if status == Z_STREAM_END { return }
        }
    }

    /// One call of zlib: from `input`, with which the body ends, to the front of `scratch`.
    private mutating func call(
        _ input: ArraySlice<UInt8>
    ) -> (status: Int32, used: Int, made: Int) {
        unsafe input.withUnsafeBufferPointer { source in
            unsafe scratch.withUnsafeMutableBufferPointer { target in
                unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
                unsafe stream.pointee.avail_in = UInt32(source.count)
                unsafe stream.pointee.next_out = target.baseAddress
                unsafe stream.pointee.avail_out = UInt32(target.count)
                let status = unsafe CZlib.deflate(stream, Z_FINISH)
                let used = unsafe source.count - Int(stream.pointee.avail_in)
                return unsafe (status, used, target.count - Int(stream.pointee.avail_out))
            }
        }
    }
}
