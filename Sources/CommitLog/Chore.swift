// Work that the owner of a log needs and never waits for: files that are made and removed. A keeper does
// it by `LogDirectory.perform`, in the order in which it was asked for, and reports each piece back.

package struct Chore: Sendable {
    package enum Work: Sendable {
        /// Makes the segment that the log goes on in, of one that is no longer wanted if there is one.
        case makeSegment(SegmentHeader, recycling: Int?)
        case makeIndex(SegmentIndex, of: SegmentHeader, end: Int)
        case makeCheckpoint(Checkpoint)
        /// Puts an archive in the place of a segment of which little is wanted.
        case rewrite(RewritePlan)
        /// Removes files; those that are not there are no fault.
        case remove([String])
    }

    /// What a piece of work is about.
    package enum Kind: Hashable, Sendable { case segment, index, checkpoint, rewriting, removal }

    /// Given back with the report.
    package let id: Int
    package let work: Work

    package init(id: Int, _ work: Work) {
        self.id = id
        self.work = work
    }

    package var kind: Kind {
        switch work {
        case .makeSegment: .segment
        case .makeIndex: .index
        case .makeCheckpoint: .checkpoint
        case .rewrite: .rewriting
        case .remove: .removal
        }
    }
}

/// What became of a chore.
package struct ChoreReport: Sendable {
    package let id: Int
    package let error: LogError?
    /// Of a rewriting that did not fail.
    package let rewritten: RewriteOutcome?

    package init(id: Int, error: LogError?, rewritten: RewriteOutcome? = nil) {
        self.id = id
        self.error = error
        self.rewritten = rewritten
    }
}

extension LogDirectory {
    /// Does a chore, and says how that went.
    package func perform(_ chore: Chore) -> ChoreReport {
        do throws(LogError) {
            return ChoreReport(id: chore.id, error: nil, rewritten: try perform(chore.work))
        } catch {
            return ChoreReport(id: chore.id, error: error)
        }
    }

    private func perform(_ work: Chore.Work) throws(LogError) -> RewriteOutcome? {
        switch work {
        case .makeSegment(let header, let old):
            if let old { try removeIfThere([FileName.index(at: old)]) }
            _ = try makeSegment(header, recycling: old)
        case .makeIndex(let index, let segment, let end):
            let bytes = IndexFormat.encode(index, of: segment, end: end)
            try makeFile(FileName.index(at: segment.start), bytes)
        case .rewrite(let plan):
            var rewriter = try SegmentRewriter(self, plan)
            while true {
                if let outcome = try rewriter.step() { return outcome }
            }
        case .makeCheckpoint(let checkpoint): try makeCheckpoint(checkpoint)
        case .remove(let names):
            try removeIfThere(names)
            try synchronise()
        }
        return nil
    }

    func removeIfThere(_ names: [String]) throws(LogError) {
        for name in names {
            do throws(LogError) {
                try remove(name)
            } catch .noSuchFile {
                continue
            }
        }
    }
}
