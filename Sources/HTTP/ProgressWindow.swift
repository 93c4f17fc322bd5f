/// How much has moved since when.
struct ProgressWindow {
    private(set) var start: UInt64
    var moved = 0

    init(start: UInt64) { self.start = start }

    mutating func restart(at now: UInt64) {
        start = now
        moved = 0
    }
}
