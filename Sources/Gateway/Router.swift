import HTTP

/// Finds what a request's target names, from the list of routes.
struct Router: Sendable {
    /// A path of the list with all that is served there.
    struct Place: Sendable {
        let path: String
        let segments: [[UInt8]]
        var routes: [Route]

        /// The value of `Allow`: HEAD comes with GET, and OPTIONS is everywhere.
        var allow: String {
            var names = routes.map(\.method.name)
            if let get = names.firstIndex(of: "GET") { names.insert("HEAD", at: get + 1) }
            return (names + ["OPTIONS"]).joined(separator: ", ")
        }

        func route(for method: Method) -> Route? {
            let asked = method == .head ? .get : method
            return routes.first { $0.method == asked }
        }
    }

    let places: [Place]

    init(_ routes: [Route]) {
        var places: [Place] = []
        for route in routes {
            if let index = places.firstIndex(where: { $0.path == route.path }) {
                places[index].routes.append(route)
            } else {
                let segments = route.path.dropFirst().split(
                    separator: "/", omittingEmptySubsequences: false)
                places.append(
                    Place(
                        path: route.path, segments: segments.map { [UInt8]($0.utf8) },
                        routes: [route]))
            }
        }
        self.places = places
    }

    /// Returns the index of the place that `target` names, or nil where there is none.
    func place(of target: RequestTarget, in head: Span<UInt8>) throws(HTTPError) -> Int? {
        for index in places.indices where try matches(places[index].segments, target, head) {
            return index
        }
        try checkEscapes(of: target, in: head)
        return nil
    }

    private func matches(
        _ expected: [[UInt8]], _ target: RequestTarget, _ head: Span<UInt8>
    ) throws(HTTPError) -> Bool {
        var segments = target.segments
        for index in expected.indices {
            guard let segment = segments.next(in: head) else { return false }
            if isOpen(expected[index]) { continue }
            let name = expected[index]
            guard try segment.equals(name.span, in: head) else { return false }
        }
        return segments.next(in: head) == nil
    }

    /// Whether any name may stand in this segment, as in `/v1/topics/{topic}`.
    private func isOpen(_ segment: [UInt8]) -> Bool { segment.first == UInt8(ascii: "{") }

    /// Throws for a path that is no path at all, which is a 400 and not a 404.
    private func checkEscapes(of target: RequestTarget, in head: Span<UInt8>) throws(HTTPError) {
        var segments = target.segments
        while let segment = segments.next(in: head) { _ = try segment.bytes(in: head) }
    }
}
