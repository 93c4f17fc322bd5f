import CommitLog
import Storage

/// Starts the log as a writer would, then reads all of it from its birth.
enum Verifier {
    /// The count of entries: all are there once, in order, byte for byte; or what is wrong.
    static func verify(_ path: String) throws(LogError) -> Result<Int, Finding> {
        let shard = try Shard(at: path)
        guard shard.report.mayWrite else { return .failure(.damaged(shard.report.damage)) }
        guard shard.report.damagedCheckpoints.isEmpty else {
            return .failure(.checkpoints(shard.report.damagedCheckpoints))
        }
        let segments = try SegmentList(
            of: shard.directory, shard: Shard.number, cluster: Shard.cluster)
        var walk = LogWalk(shard.directory, segments: segments, from: WalkStart(position: 0))
        var number = 0
        while true {
            switch try walk.next() {
            case .damage(let damage): return .failure(.damaged([damage]))
            case .frame(let frame):
                for entry in frame.entries {
                    guard Entries.isOwn(frame, entry, number: number) else {
                        return .failure(.otherEntry(number))
                    }
                    number += 1
                }
            case .end(let end, _):
                guard end.position == shard.report.end.position, number == shard.next else {
                    return .failure(.twoEnds(number, shard.next))
                }
                return .success(number)
            }
        }
    }

    enum Finding: Error {
        case damaged([LogDamage])
        case checkpoints([Int])
        case otherEntry(Int)
        case twoEnds(Int, Int)
    }
}
