import Groups

/// Something a client is told, once what it rests upon is committed.
struct GroupAnswer {
    var client: Int
    var place: GroupPlace
    var offset: Int
    var generation: LeaseGeneration
    var settling: Settling
    var status: SettleStatus
    /// When it was decided.
    var time: GroupTime
}

/// What is written and flushed together.
struct GroupRound {
    var entry: [UInt8] = []
    var records: [GroupPlace: [RecordFacts]] = [:]
    var answers: [GroupAnswer] = []
    /// Copies of dead letters, and what is said of them.
    var copies: [GroupPlace: [Int]] = [:]
    var copyChanges: [UInt8] = []

    var isEmpty: Bool {
        entry.isEmpty && records.isEmpty && answers.isEmpty && copies.isEmpty
    }
}

/// What a client has taken.
struct GroupTaken {
    var place: GroupPlace
    var grant: Grant
    var pull: UInt64?
    var holder: Holder
}
