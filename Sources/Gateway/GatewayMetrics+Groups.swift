import Telemetry
import Wire

extension GatewayMetrics {
    func set(_ counts: StorageCounts) {
        granted.set(Int64(counts.granted))
        settled.set(Int64(counts.settled))
        groupEntries.set(Int64(counts.groupEntries))
        groupBytes.set(Int64(counts.groupBytes))
        copiedLetters.set(Int64(counts.copiedLetters))
        uncopiedLetters.set(Int64(counts.uncopiedLetters))
        rounds.set(Int64(counts.rounds))
        roundsByThread.set(Int64(counts.roundsByThread))
    }
}

extension MetricsPage {
    func writeGroups(_ page: inout Exposition) {
        let families: [(String, String, (GatewayMetrics) -> Int64)] = [
            (
                "posthorn_group_messages_total", "Messages that groups got, each time.",
                { $0.granted.value }
            ),
            (
                "posthorn_group_settles_total", "Messages that were settled, whatever the answer.",
                { $0.settled.value }
            ),
            (
                "posthorn_group_entries_total", "Entries of the log with changes of groups.",
                { $0.groupEntries.value }
            ),
            ("posthorn_group_entry_bytes_total", "Bytes of these.", { $0.groupBytes.value }),
            (
                "posthorn_dead_letter_copies_total",
                "Dead letters that became messages of their group's dead-letter topic.",
                { $0.copiedLetters.value }
            ),
            (
                "posthorn_dead_letter_copies_left_off_total",
                "Dead letters that could not: the topic is gone or full, or the message unreadable.",
                { $0.uncopiedLetters.value }
            ),
            ("posthorn_log_rounds_total", "Rounds that were flushed.", { $0.rounds.value }),
            (
                "posthorn_log_rounds_by_thread_total",
                "Rounds that threads beside the loops were given, as on a slow disk.",
                { $0.roundsByThread.value }
            ),
        ]
        for (name, help, value) in families {
            page.family(name, .counter, help)
            page.sample(sum(value))
        }
    }
}
