// The first part of a start, beside the main thread, so that a signal is heard however long it takes.

import Kernel
import Reactor
import Settings
import Storage

/// Finds out what the data directory holds, or makes it what it has to be.
///
/// Nothing if a signal asks for the end first: a start may be broken off anywhere, as by a crash.
func openData(
    _ settings: ServeSettings, hearing signals: borrowing Signals
) throws(KernelError) -> Result<StorageOpening<DiskPlace>, StorageFault>? {
    let opened = try Mailbox<Result<StorageOpening<DiskPlace>, StorageFault>>(limit: 1)
    var poller = try Poller()
    try poller.add(signals, tag: 0)
    try poller.add(opened.bell, tag: 1)
    let (place, storage) = (DiskPlace(settings.data), settings.storage)
    try Thread.start("opening") {
        let result = open(place, storage)
        do throws(MailboxError) {
            try opened.post(result)
        } catch {
            preconditionFailure("the only letter finds room")
        }
    }
    while true {
        _ = try poller.wait(milliseconds: -1)
        if let result = opened.drain().first { return result }
        while let signal = signals.next() {
            switch signal {
            case .hangup: continue
            case .interrupt, .terminate: return nil
            }
        }
    }
}

private func open(
    _ place: DiskPlace, _ settings: StorageSettings
) -> Result<StorageOpening<DiskPlace>, StorageFault> {
    var random = SystemRandomNumberGenerator()
    do throws(StorageFault) {
        return .success(
            try StorageOpening(place, settings, random: &random, at: currentMoment()))
    } catch {
        return .failure(error)
    }
}
