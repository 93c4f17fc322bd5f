// What the log needs of a disk. The real one stands in Storage; the one that loses power, in Simulation.

/// A file of fixed size.
///
/// Bytes are durable once a `flush` that began after their write has returned.
package protocol LogFile: AnyObject {
    var size: Int { get }

    /// Returns exactly the bytes of `range`, which lies inside the file.
    func read(_ range: Range<Int>) throws(LogError) -> [UInt8]

    func write(_ bytes: [UInt8], at place: Int) throws(LogError)

    func flush() throws(LogError)
}

/// A directory of files.
///
/// Names are durable once a `synchronise` that began after them has returned.
package protocol LogDirectory {
    associatedtype File: LogFile

    func names() throws(LogError) -> [String]

    func open(_ name: String) throws(LogError) -> File

    /// Makes a file of zeros whose every block is written, so that later writes change data only.
    func create(_ name: String, size: Int) throws(LogError) -> File

    /// Gives a file another name, in place of whatever has it.
    func rename(_ name: String, to other: String) throws(LogError)

    func remove(_ name: String) throws(LogError)

    func synchronise() throws(LogError)
}
