import CommitLog

/// A partition's part of a sealed segment, and which segment that is.
struct SealedRun: Equatable {
    let segment: Int
    let run: PartitionRun
}

/// What the committed entries of a partition come to.
struct PartitionState: Equatable {
    /// The first offset that is wanted, and the one behind the last.
    var start = 0
    var end = 0
    /// Of entries that are kept: of wanted runs, and of segments that are not sealed.
    var bytes = 0
    /// Its parts of sealed segments, the oldest first.
    var runs: [SealedRun] = []

    /// Gives up what is below `offset`.
    mutating func begin(at offset: Int) {
        start = max(start, offset)
        end = max(end, start)
        let gone = runs.prefix { $0.run.endOffset <= start }
        for run in gone { bytes -= run.run.bytes }
        runs.removeFirst(gone.count)
    }

    /// Notes that the segment with its newest entries is sealed.
    mutating func sealed(_ run: PartitionRun, in segment: Int) {
        if run.endOffset <= start {
            bytes -= run.bytes
        } else {
            runs.append(SealedRun(segment: segment, run: run))
        }
    }

    /// The sealed run that holds `offset`, or the first one behind it.
    func run(at offset: Int) -> SealedRun? {
        let index = runs.firstPlace { $0.run.endOffset > offset }
        return index < runs.count ? runs[index] : nil
    }

    /// The first sealed run with an entry of `time` or later.
    func run(since time: Int) -> SealedRun? {
        let index = runs.firstPlace { $0.run.maxTime >= time }
        return index < runs.count ? runs[index] : nil
    }
}

extension Array {
    /// The index of the first element for which `isIt` holds, as for all behind it; or the count.
    func firstPlace(where isIt: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isIt(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
