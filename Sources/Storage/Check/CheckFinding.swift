// What a check says about each thing it came across, for people and for programs.

import CommitLog
import Records

package struct CheckFinding: Equatable, Sendable {
    /// Nothing for what stands beside the logs.
    package let log: LogName?
    /// One word for programs.
    package let kind: String
    /// In the log, where it has one.
    package let position: Int?
    package let message: String
    /// Something that was safe once is not what it was.
    package let isDamage: Bool

    init(
        _ log: LogName?, _ kind: String, at position: Int? = nil, isDamage: Bool = true,
        _ message: String
    ) {
        self.log = log
        self.kind = kind
        self.position = position
        self.message = message
        self.isDamage = isDamage
    }
}

extension CheckFinding {
    init(_ problem: CheckProblem, of log: LogName) {
        switch problem {
        case .lost(let damage):
            let (from, to) = (damage.range.lowerBound, damage.range.upperBound)
            self.init(
                log, "lost", at: from,
                "\(to - from) bytes up to position \(to) are lost: \(damage.fault.words)")
        case .headerCopy(let start):
            self.init(
                log, "header_copy", at: start,
                "one of the two copies of the segment's header is damaged; the other serves")
        case .logTime(let position):
            self.init(log, "log_time", at: position, "log time falls in this frame")
        case .offsets(let position):
            self.init(log, "offsets", at: position, "offsets of a partition fall in this frame")
        case .index(let start):
            self.init(
                log, "index", at: start,
                "the index is not that of its segment; a server makes it again when it is removed")
        case .archive(let start):
            self.init(
                log, "archive", at: start, "the archive has not what it says of itself")
        case .checkpoint(let position):
            self.init(
                log, "checkpoint", at: position, "the checkpoint is damaged, or not of this log")
        case .stranger(let name):
            self.init(
                log, "stranger", isDamage: false, "\(name) is no file of ours, and left alone")
        case .unfinished(let name):
            self.init(
                log, "unfinished", isDamage: false, "\(name) was not finished; a start removes it")
        }
    }

    init(_ problem: EntryProblem, of log: LogName) {
        switch problem {
        case .entry(let position):
            self.init(log, "entry", at: position, "the entry has not the shape of its type")
        case .batch(let position):
            self.init(log, "batch", at: position, "the batch is not whole, or belongs elsewhere")
        case .offsets(let partition, let expected, let found, let position):
            self.init(
                log, "offsets", at: position,
                "\(partition.words) goes on at offset \(found), not at \(expected)")
        case .pointer(let position, let held):
            self.init(
                log, "pointer", at: position,
                "it shows records at position \(held) that are not there to be shown")
        case .spread(let position):
            self.init(
                log, "spread", at: position,
                "a part of a batch that spans shards is shown without the decision, or left out")
        case .state(let position):
            self.init(
                log, "state", at: position,
                "the checkpoint does not say what the log came to there")
        case .topic(let partition):
            self.init(
                log, "topic",
                "\(partition.words) is here, and the coordinator has no such place for it")
        }
    }

    /// A log that cannot be walked at all.
    init(_ error: LogError, of log: LogName?) {
        self.init(log, "unreadable", "a file \(error.words)")
    }
}

extension PartitionID {
    fileprivate var words: String { "partition \(partition) of topic \(topic)" }
}

extension FrameFault {
    fileprivate var words: String {
        switch self {
        case .noHeader: "there is no whole header of a frame"
        case .unsupported(let version): "the frame is of version \(version)"
        case .badHeader: "the header of the frame contradicts itself"
        case .foreignSalt, .foreignPosition: "what stands there is of another life of the file"
        case .olderEpoch: "the frame is of an older epoch"
        case .brokenChain: "the frame does not follow the one before it"
        case .badPayload: "the payload is not what was summed"
        case .badEntries: "the entries of the frame contradict each other"
        case .pastEnd: "the segment ends too early"
        case .unreadable: "the disk cannot read it"
        case .noSegment: "the segment is missing, or no copy of its header is whole"
        }
    }
}
