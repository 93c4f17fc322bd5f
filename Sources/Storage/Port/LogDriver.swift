import CommitLog

/// Brings the rounds of one log to its files, in the turn of the loop that owns it.
struct LogDriver<Directory: LogDirectory> {
    let name: LogName
    private let directory: Directory
    /// The segment that is written to.
    private var segment: (start: Int, file: Directory.File)?

    init(_ name: LogName, in directory: Directory) {
        self.name = name
        self.directory = directory
    }

    /// Writes and flushes one round, if one waits.
    ///
    /// After an error nothing of the log is confirmed.
    mutating func pump<Owner: LogOwner>(
        _ owner: inout Owner, clock: () -> Moment
    ) throws(LogError) -> Bool {
        switch try owner.nextWrite(at: clock()) {
        // The report of a chore brings the segment.
        case .wait, .needsSegment: return false
        case .write(let write):
            do throws(LogError) {
                try put(write)
            } catch {
                owner.failed()
                throw error
            }
            owner.flushed(at: clock())
            return true
        }
    }

    private mutating func put(_ write: LogWrite) throws(LogError) {
        let file = try file(of: write.segment)
        try file.write(write.bytes, at: write.place)
        try file.flush()
    }

    private mutating func file(of start: Int) throws(LogError) -> Directory.File {
        if let segment, segment.start == start { return segment.file }
        let file = try directory.open(FileName.segment(at: start))
        segment = (start, file)
        return file
    }
}
