/// What shards have done for groups since they started.
package struct StorageCounts: Equatable, Sendable {
    /// Messages that were handed out, and that were settled, whatever the answer.
    package var granted = 0
    package var settled = 0
    /// Entries of groups in the log, and their bytes.
    package var groupEntries = 0
    package var groupBytes = 0
    /// Dead letters that became messages of their group's dead-letter topic, and those that could not.
    package var copiedLetters = 0
    package var uncopiedLetters = 0
    /// Rounds that were flushed, with entries of groups or without.
    package var rounds = 0
    /// Those of them that threads beside the loops were given.
    package var roundsByThread = 0

    package init() {}
}
