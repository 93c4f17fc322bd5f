package import Wire

/// A loop's copy of the coordinator's table of groups.
///
/// It may be a moment old, so what is not found is asked for before it is said not to exist.
package struct GroupMap {
    private var byName: [String: GroupDefinition] = [:]
    private var names: [UInt32: String] = [:]
    /// All names in the order of their bytes; made again when it is asked for, after a change.
    private var sorted: [String]?
    /// The highest number that there was news of.
    private var newest: UInt32 = 0

    package init() {}

    package var count: Int { byName.count }

    package func find(_ name: String) -> GroupDefinition? { byName[name] }

    package func find(id: UInt32) -> GroupDefinition? { names[id].flatMap { byName[$0] } }

    /// Takes what the coordinator told; the same may come more than once.
    package mutating func apply(_ news: GroupNews) {
        switch news {
        case .put(let group):
            newest = max(newest, group.id)
            put(group)
        case .deleted(let id, _):
            guard let name = names.removeValue(forKey: id) else { return }
            byName[name] = nil
            sorted = nil
        }
    }

    /// Takes a group that an answer named.
    ///
    /// What is known of it already came as news, and may be newer; but topics only join while it lives.
    /// News come in the order of numbers, so a group that there must have been news of, and that is not
    /// here, is gone.
    package mutating func learn(_ group: GroupDefinition) {
        if group.id <= newest, names[group.id] == nil { return }
        guard let known = byName[group.name], known.id >= group.id else { return put(group) }
        if known.id == group.id, known.attachments.count < group.attachments.count { put(group) }
    }

    private mutating func put(_ group: GroupDefinition) {
        if let old = byName[group.name] {
            // A number is never used again, so a lower one is a group that is gone.
            if old.id > group.id { return }
            names[old.id] = nil
        } else {
            sorted = nil
        }
        byName[group.name] = group
        names[group.id] = group.name
    }

    /// The first `limit` groups behind the name `after`, in the order of their names.
    package mutating func list(after: String?, limit: Int) -> [GroupDefinition] {
        let names = sorted ?? byName.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        sorted = names
        let start = after.map { Self.place(behind: $0, in: names) } ?? 0
        return names[start...].prefix(limit).compactMap { byName[$0] }
    }

    /// The first place whose name comes behind `name`.
    private static func place(behind name: String, in names: [String]) -> Int {
        var low = 0
        var high = names.count
        while low < high {
            let middle = (low + high) / 2
            if name.utf8.lexicographicallyPrecedes(names[middle].utf8) {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return low
    }
}
