import Glibc

/// A small file that is read whole, such as one with settings.
package enum TextFile {
    /// Returns all bytes, or throws `EFBIG` if there are more than `sizeMax`.
    package static func read(_ path: String, sizeMax: Int) throws(KernelError) -> [UInt8] {
        // A pipe or a device in the place of the file may not hold the program up.
        let file = try FileDescriptor("open") {
            unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = try retrying("read") {
                Int32(
                    truncatingIfNeeded: unsafe piece.withUnsafeMutableBytes {
                        unsafe Glibc.read(file.raw, $0.baseAddress, $0.count)
                    })
            }
            if count == 0 { return bytes }
            guard bytes.count + Int(count) <= sizeMax else {
                throw KernelError(call: "read", code: EFBIG)
            }
            bytes.append(contentsOf: piece[..<Int(count)])
        }
    }
}
