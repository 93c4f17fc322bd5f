import CommitLog
import Kernel

/// Brings the rounds of one log to its files: in the turn of the loop that owns it, or by a flusher.
struct LogDriver<Directory: LogDirectory> {
    enum Outcome {
        case nothing
        /// A round was written and flushed.
        case flushed
        /// A round is for the flusher; `hear` says what became of it.
        case handOver(LogWrite)
    }

    let name: LogName
    private var files: LogFiles<Directory>
    private var flushes: FlushPlace
    private var gauge = FlushGauge()
    /// Whether a round is with the flusher.
    private(set) var isOut = false

    init(_ name: LogName, in directory: Directory, flushes: FlushPlace) {
        self.name = name
        self.flushes = flushes
        files = LogFiles(directory)
    }

    /// Takes one round on, if one waits.
    ///
    /// After an error nothing of the log is confirmed.
    mutating func pump<Owner: LogOwner>(
        _ owner: inout Owner, clock: () -> Moment
    ) throws(LogError) -> Outcome {
        if isOut { return .nothing }
        switch try owner.nextWrite(at: clock()) {
        // The report of a chore brings the segment.
        case .wait, .needsSegment: return .nothing
        case .write(let write):
            if flushes == .thread || gauge.isSlow {
                isOut = true
                return .handOver(write)
            }
            try put(write, for: &owner, clock: clock)
            return .flushed
        }
    }

    /// Writes and flushes a round that no flusher takes, and all that come.
    mutating func keep<Owner: LogOwner>(
        _ write: LogWrite, for owner: inout Owner, clock: () -> Moment
    ) throws(LogError) {
        (isOut, flushes, gauge) = (false, .inline, FlushGauge())
        try put(write, for: &owner, clock: clock)
    }

    private mutating func put<Owner: LogOwner>(
        _ write: LogWrite, for owner: inout Owner, clock: () -> Moment
    ) throws(LogError) {
        let began = flushes == .auto ? BootClock.nanoseconds() : 0
        do throws(LogError) {
            try files.put(write)
        } catch {
            owner.failed()
            throw error
        }
        if flushes == .auto { gauge.note(nanoseconds: BootClock.nanoseconds() - began) }
        owner.flushed(at: clock())
    }

    /// Takes what the flusher says of the round that it was given.
    mutating func hear<Owner: LogOwner>(
        _ report: FlushReport, for owner: inout Owner, at moment: Moment
    ) throws(LogError) {
        isOut = false
        if let error = report.error {
            owner.failed()
            throw error
        }
        if flushes == .auto { gauge.note(nanoseconds: report.nanoseconds) }
        owner.flushed(at: moment)
    }
}

/// The files of one log that rounds are written to.
struct LogFiles<Directory: LogDirectory> {
    private let directory: Directory
    /// The segment that is written to.
    private var segment: (start: Int, file: Directory.File)?

    init(_ directory: Directory) { self.directory = directory }

    /// Writes and flushes a round.
    mutating func put(_ write: LogWrite) throws(LogError) {
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
