// How far two names are apart, so that a wrong name can be answered with the right one.

/// The fewest insertions, removals, replacements and swaps of neighbours from `one` to `other`.
package func editDistance(_ one: String, _ other: String) -> Int {
    let (one, other) = (Array(one.utf8), Array(other.utf8))
    var beforeLast: [Int] = []
    var last = Array(0...other.count)
    for row in one.indices {
        var current = [row + 1]
        for column in other.indices {
            let isSame = one[row] == other[column]
            var best = min(
                last[column] + (isSame ? 0 : 1), last[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, one[row] == other[column - 1], one[row - 1] == other[column] {
                best = min(best, beforeLast[column - 1] + 1)
            }
            current.append(best)
        }
        (beforeLast, last) = (last, current)
    }
    return last[other.count]
}

/// The name that was most likely meant, or nil if none is close.
///
/// A third of the letters may be wrong; a name that continues what was typed is close too.
package func nearestName(to typed: String, in names: some Sequence<String>) -> String? {
    let typed = String(typed.asciiLowercased.prefix(64))
    var best: (name: String, distance: Int)?
    for name in names {
        let isContinued = typed.utf8.count >= 3 && name.hasPrefix(typed)
        let distance = isContinued ? 1 : editDistance(typed, name)
        let limit = max(1, max(typed.utf8.count, name.utf8.count) / 3)
        if distance <= limit, distance < best?.distance ?? .max { best = (name, distance) }
    }
    return best?.name
}
