// The thread that writes and flushes the rounds of one log where its disk is slow, so that the loop
// which owns the log goes on with all else meanwhile. It is started when it is needed first.

package import CommitLog
import Kernel
package import Reactor

/// What became of a round that a flusher was given.
package struct FlushReport: Sendable {
    package let log: LogName
    let nanoseconds: UInt64
    let error: LogError?
}

/// What a flusher does, with a directory of its own.
package struct FlusherWork<Place: LogPlace> {
    private let place: Place
    private let log: LogName
    private var files: LogFiles<Place.Directory>?

    package init(_ place: Place, _ log: LogName) {
        self.place = place
        self.log = log
    }

    package mutating func perform(_ write: LogWrite) -> FlushReport {
        let began = BootClock.nanoseconds()
        var failure: LogError?
        do throws(LogError) {
            var files = try opened()
            try files.put(write)
            self.files = files
        } catch {
            failure = error
        }
        return FlushReport(
            log: log, nanoseconds: BootClock.nanoseconds() - began, error: failure)
    }

    private func opened() throws(LogError) -> LogFiles<Place.Directory> {
        if let files { return files }
        return LogFiles(try place.directory(of: log))
    }
}

/// Starts the flusher of a log, which takes its rounds from the mailbox: one is there already.
///
/// Returns whether there is a thread for it.
package typealias FlusherStart = (LogName, Mailbox<LogWrite>) -> Bool

enum Flusher {
    /// A log has one round under way at a time.
    static let roundsMax = 1

    /// Starts the flusher of a log of `loop`, for which a round waits already.
    static func start<Place: LogPlace>(
        of log: LogName, in place: Place, _ rounds: Mailbox<LogWrite>, for loop: Int,
        _ switchboard: Switchboard
    ) -> Bool {
        let body: @Sendable () -> Void = {
            do throws(KernelError) {
                try run(FlusherWork(place, log), rounds, for: loop, switchboard)
            } catch {
                // It never hears of a round: the one that waits is not written.
                guard !rounds.drain().isEmpty else { return }
                let report = FlushReport(log: log, nanoseconds: 0, error: LogError(error))
                _ = switchboard.take(StorageParcel(report, for: loop), for: loop)
            }
        }
        do throws(KernelError) {
            try Thread.start("flush-\(log)", body)
            return true
        } catch {
            return false
        }
    }

    private static func run<Place: LogPlace>(
        _ start: FlusherWork<Place>, _ rounds: Mailbox<LogWrite>, for loop: Int,
        _ switchboard: Switchboard
    ) throws(KernelError) {
        var work = start
        let waiter = try Waiter(rounds.bell)
        while true {
            try waiter.wait(milliseconds: -1)
            for round in rounds.drain() {
                let parcel = StorageParcel(work.perform(round), for: loop)
                try waiter.post(parcel, switchboard)
            }
        }
    }
}

extension StorageParcel {
    /// What a flusher says to the loop of its log.
    package init(_ report: FlushReport, for loop: Int) {
        self.init(from: loop)
        flushes = [report]
    }
}
