package import CommitLog
import Kernel

/// Does chores, in directories of its own.
///
/// A rewriting takes long, and nobody waits for it: it goes on in steps, between other chores.
package struct KeeperWork<Place: LogPlace> {
    /// A rewriting that was ordered; it is begun when its turn comes.
    private struct Rewriting {
        let chore: Chore
        let plan: RewritePlan
        let log: LogName
        let loop: UInt16
        var rewriter: SegmentRewriter<Place.Directory>?
    }

    private let place: Place
    private var directories: [LogName: Place.Directory] = [:]
    /// At most one of each log.
    private var rewritings: [Rewriting] = []
    private var troubles = KeeperTroubles()
    private var disk: DiskWatch
    private var news: [KeeperNews] = []

    package init(_ place: Place, _ marks: DiskMarks) {
        self.place = place
        disk = DiskWatch(marks)
    }

    var level: DiskLevel { disk.level }

    /// What an operator should hear, since the last call.
    package mutating func takeNews() -> [KeeperNews] {
        defer { news = [] }
        return news
    }

    /// Whether `goOn` has something to do.
    package var isRewriting: Bool { !rewritings.isEmpty }

    /// Does what a loop ordered, and returns the report for it; that of a rewriting comes out of `goOn`.
    package mutating func perform(_ order: KeeperOrder) -> StorageParcel? {
        var parcel = StorageParcel(from: Int(order.loop))
        if case .chore(let chore, let log) = order.task {
            if case .rewrite(let plan) = chore.work {
                rewritings.append(Rewriting(chore: chore, plan: plan, log: log, loop: order.loop))
                return nil
            }
            parcel.reports = [(log, perform(chore, of: log))]
        }
        parcel.disk = look()
        return parcel
    }

    package mutating func perform(_ chore: Chore, of log: LogName) -> ChoreReport {
        let report: ChoreReport
        do throws(LogError) {
            report = try directory(of: log).perform(chore)
        } catch {
            report = ChoreReport(id: chore.id, error: error)
        }
        note(report, of: chore, log)
        return report
    }

    private mutating func note(_ report: ChoreReport, of chore: Chore, _ log: LogName) {
        if let told = troubles.note(chore.kind, of: log, report.error) { news.append(told) }
    }

    /// Does a step of the rewriting that was ordered first; returns its report with the last one.
    package mutating func goOn() -> StorageParcel? {
        guard var rewriting = rewritings.first else { return nil }
        let report: ChoreReport
        do throws(LogError) {
            let outcome = try step(&rewriting)
            rewritings[0] = rewriting
            guard let outcome else { return nil }
            report = ChoreReport(id: rewriting.chore.id, error: nil, rewritten: outcome)
        } catch {
            report = ChoreReport(id: rewriting.chore.id, error: error)
        }
        rewritings.removeFirst()
        note(report, of: rewriting.chore, rewriting.log)
        var parcel = StorageParcel(from: Int(rewriting.loop))
        parcel.reports = [(rewriting.log, report)]
        parcel.disk = look()
        return parcel
    }

    private mutating func step(_ rewriting: inout Rewriting) throws(LogError) -> RewriteOutcome? {
        var rewriter = try begun(rewriting)
        let outcome = try rewriter.step()
        rewriting.rewriter = rewriter
        return outcome
    }

    private mutating func begun(
        _ rewriting: Rewriting
    ) throws(LogError) -> SegmentRewriter<Place.Directory> {
        if let rewriter = rewriting.rewriter { return rewriter }
        return try SegmentRewriter(try directory(of: rewriting.log), rewriting.plan)
    }

    /// Looks how full the disk is; where that cannot be known, it stays as it was.
    private mutating func look() -> DiskLevel {
        do throws(LogError) {
            let space = try place.space()
            if disk.note(space) {
                news.append(.disk(disk.level, usedPercent: space.usedPercent))
            }
        } catch {
            return disk.level
        }
        return disk.level
    }

    private mutating func directory(of log: LogName) throws(LogError) -> Place.Directory {
        if let directory = directories[log] { return directory }
        let directory = try place.backgroundDirectory(of: log)
        directories[log] = directory
        return directory
    }
}
