import HTTP
import Settings

/// All that is asked for where readers are parked.
struct ParkRequests: Sendable {
    /// Longer than any round, so that a reader hardly ever has to ask again.
    private static let patience = Duration.seconds(25)

    let publishes: RequestSet
    /// Learns where the topic ends.
    let look: ReadPlan
    let wait: ReadPlan
    /// How consumers wait, and how they look at what is there before, where there are groups.
    let pull: WorkPlan?
    let empty: WorkPlan?

    init(_ settings: BenchSettings) throws(HTTPError) {
        publishes = try RequestSet(settings)
        look = try ReadPlan(settings, from: .latest, wait: nil)
        wait = try ReadPlan(settings, from: .latest, wait: Self.patience)
        pull = settings.groups > 0 ? try WorkPlan(settings, wait: Self.patience) : nil
        empty = settings.groups > 0 ? try WorkPlan(settings, wait: nil) : nil
    }
}
