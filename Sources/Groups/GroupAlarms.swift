/// When which group and partition has something to do by itself; an alarm too many finds nothing.
struct GroupAlarms: Sendable {
    private struct Alarm: Sendable {
        let date: Int
        let place: GroupPlace
    }

    private var alarms = SmallestFirst<Alarm> { $0.date < $1.date }
    /// The earliest one of each place: a later one is set when that has rung.
    private var earliest: [GroupPlace: Int] = [:]

    init() {}

    var next: Int? { alarms.first?.date }

    mutating func set(_ place: GroupPlace, at date: Int) {
        if let known = earliest[place], known <= date { return }
        earliest[place] = date
        alarms.insert(Alarm(date: date, place: place))
        if alarms.count > 2 * earliest.count + 64 { forgetStale() }
    }

    private mutating func forgetStale() {
        alarms = SmallestFirst { $0.date < $1.date }
        for (place, date) in earliest { alarms.insert(Alarm(date: date, place: place)) }
    }

    /// Those that are due by `now`, each once.
    mutating func due(at now: Int) -> [GroupPlace] {
        var places: [GroupPlace] = []
        while let alarm = alarms.first, alarm.date <= now {
            _ = alarms.popFirst()
            guard earliest[alarm.place] == alarm.date else { continue }
            earliest[alarm.place] = nil
            places.append(alarm.place)
        }
        return places
    }
}
