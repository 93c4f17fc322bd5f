/// What can be done wrong on purpose in a world of groups, to see that somebody notices.
package enum GroupMistake: CaseIterable, Sendable {
    /// A client hears of an ack before its entry is committed.
    case confirmsBeforeCommit
    /// Messages are handed out that are not committed.
    case showsBeforeCommit
    /// A start leaves an entry out.
    case forgetsEntry
    /// A start goes on in the term of the one before.
    case reusesEpoch
    /// A start does not wait until leases of the term before are over.
    case forgetsHorizon
    /// Who vanished is left to run out of time.
    case countsVanished
    /// Leases never end.
    case forgetsDeadlines
    /// Records come without their keys.
    case losesKeys
    /// What the filter refuses is handed out.
    case ignoresFilter
    /// A record is left out of a supply.
    case losesRecord
    /// The clock of the log runs ahead where groups look.
    case hurriesRetries
    /// A receipt's generation is not looked at.
    case trustsAnyReceipt
    /// A dead letter is sent back twice.
    case redrivesTwice
    /// A dead letter is copied, and nothing says so.
    case copiesWithoutChange
}
