// Groups in the fold: their entries, and a section of a checkpoint.

import Bytes
import CommitLog
import Groups

extension ShardState {
    /// Folds an entry of groups, if they are folded here.
    mutating func takeGroups(
        _ entry: EntryPlace, in bytes: [UInt8], at place: Int
    ) throws(LogError) {
        let body = place + LogFormat.entryHeadSize..<place + entry.size
        do throws(GroupsError) {
            try groups?.apply(bytes.span.extracting(body))
        } catch {
            throw .damaged(.frame)
        }
    }

    /// Reads a section of a checkpoint.
    mutating func takeGroups(_ section: [UInt8]) throws(LogError) {
        do throws(GroupsError) {
            try groups?.apply(section.span)
        } catch {
            throw .damaged(.checkpoint)
        }
    }
}
