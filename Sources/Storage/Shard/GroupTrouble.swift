import Wire

/// Why a call about groups is refused.
enum GroupTrouble: Error {
    case group(GroupRefusal)
    case shard(ShardRefusal)

    var answer: ShardAnswer {
        switch self {
        case .group(let refusal): .group(.refused(refusal))
        case .shard(let refusal): .refused(refusal)
        }
    }
}
