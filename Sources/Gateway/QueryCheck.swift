import HTTP

/// Holds the parameters of a query against those that a route knows, and allocates only for what is
/// wrong, or is known by its beginning.
struct QueryCheck {
    private let parameters: [QueryParameter]
    /// The known ones that were seen, by their place.
    private var seen: UInt64 = 0
    private var seenByPrefix: Set<[UInt8]> = []
    /// The wrong names, `Admission.wrongNamesMax` of each kind at most.
    private(set) var unknown: [String] = []
    private(set) var repeated: [String] = []

    init(_ parameters: [QueryParameter]) { self.parameters = parameters }

    mutating func note(
        _ pair: QueryPairs.Pair, in head: Span<UInt8>
    ) throws(HTTPError) {
        try pair.value.check(in: head)
        for (place, parameter) in parameters.enumerated() where !parameter.isPrefix {
            guard try pair.name.equals(parameter.name, in: head) else { continue }
            let bit = UInt64(1) << UInt64(place)
            if seen & bit != 0, !parameter.repeats { Self.add(parameter.name, to: &repeated) }
            seen |= bit
            return
        }
        let name = try pair.name.bytes(in: head)
        guard parameters.contains(where: { $0.isPrefix && name.starts(with: $0.name.utf8) }) else {
            return Self.add(String(decoding: name, as: UTF8.self), to: &unknown)
        }
        if !seenByPrefix.insert(name).inserted {
            Self.add(String(decoding: name, as: UTF8.self), to: &repeated)
        }
    }

    private static func add(_ name: String, to names: inout [String]) {
        if names.count < Admission.wrongNamesMax { names.append(name) }
    }
}
