/// What a check of one log's directory found.
package struct CheckReport: Equatable, Sendable {
    /// Problems that are listed; the others are only counted.
    package static let problemsMax = 1_000

    package var segments = 0
    package var frames = 0
    package var entries = 0
    package var records = 0
    package var payloadBytes = 0
    package var archives = 0
    package var indexFiles = 0
    package var indexEntries = 0
    package var checkpoints = 0
    /// Segments that were dropped, and whose files are still there; they hold nothing that counts.
    package var leftovers: [Int] = []
    /// As they were found; empty for a sound log.
    package private(set) var problems: [CheckProblem] = []
    package private(set) var problemCount = 0
    /// Where the log ends, and why it was not read further.
    package var end = 0
    package var tail: FrameFault?
    /// The last frame was not written to its end, or was damaged since: a start cuts it.
    package var isTorn = false

    package var isSound: Bool { problems.isEmpty }
    package var firstDamage: CheckProblem? { problems.first }

    mutating func note(_ problem: CheckProblem) {
        problemCount += 1
        if problems.count < Self.problemsMax { problems.append(problem) }
    }
}

package enum CheckProblem: Equatable, Hashable, Sendable {
    case lost(LogDamage)
    /// One of the two copies of a segment's header is gone; the other serves.
    case headerCopy(segment: Int)
    /// Log time falls.
    case logTime(frame: Int)
    /// Offsets of a partition do not grow.
    case offsets(frame: Int)
    case index(segment: Int)
    /// What it says of itself is not what it has.
    case archive(segment: Int)
    /// It is not whole, or not what the log came to there.
    case checkpoint(position: Int)
    /// A file with a name that nothing here writes.
    case stranger(String)
    case unfinished(String)

    /// Something that was safe once is not what it was; the others are only odd.
    package var isDamage: Bool {
        switch self {
        case .lost, .headerCopy, .logTime, .offsets, .index, .archive, .checkpoint: true
        case .stranger, .unfinished: false
        }
    }
}

/// What a check comes upon next.
package enum CheckStep: Equatable, Sendable {
    case frame(FoundFrame)
    /// What follows cannot be held against what came before.
    case lost(LogDamage)
    case end
}
