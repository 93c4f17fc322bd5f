// `environ` is a variable of the C library. It is read at the start of the program, before there is
// a second thread, and nothing here changes it.
@preconcurrency @unsafe import Glibc

/// The environment that the program was started with.
package enum Environment {
    /// All variables in the order of the system; bytes that are not UTF-8 are replaced.
    package static func all() -> [(name: String, value: String)] {
        var next = unsafe environ
        var variables: [(name: String, value: String)] = []
        while let entry = unsafe next.pointee {
            let text = unsafe String(cString: entry)
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables.append((String(parts[0]), String(parts[1]))) }
            unsafe next += 1
        }
        return variables
    }
}
