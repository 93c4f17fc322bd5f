import Kernel

/// The seeds of a run: a few hundred, or what `SIMULATION_SEEDS` says, as `5000` or as
/// `77...77` to see one of them again.
enum Seeds {
    static var all: ClosedRange<UInt64> { all(byDefault: 500) }

    static func all(byDefault count: UInt64) -> ClosedRange<UInt64> {
        let variable = Environment.all().first { $0.name == "SIMULATION_SEEDS" }
        guard let text = variable?.value else { return 1...count }
        let ends = text.split(separator: ".").compactMap { UInt64($0) }
        switch (ends.first, ends.last) {
        case (let only?, _) where ends.count == 1: return 1...max(1, only)
        case (let first?, let last?) where first <= last: return first...last
        default: preconditionFailure("SIMULATION_SEEDS is a number or first...last")
        }
    }
}
