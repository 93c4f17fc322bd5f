import HTTP

/// Finds what a request's target names, from the list of routes.
struct Router: Sendable {
    /// A path of the list with all that is served there.
    struct Place: Sendable {
        let path: String
        let segments: [[UInt8]]
        /// Places in `Router.routes`.
        var routes: [Int]
        var allow: String
    }

    let routes: [Route]
    let places: [Place]
    /// The paths without names in them, as they are mostly sent: one behind the other.
    private let plainPaths: [UInt8]
    private let plainPlaces: [(range: Range<Int>, place: Int)]
    /// The places by the number of their segments.
    private let placesBySize: [[Int]]

    init(_ routes: [Route]) {
        var places: [Place] = []
        for (index, route) in routes.enumerated() {
            if let known = places.firstIndex(where: { $0.path == route.path }) {
                places[known].routes.append(index)
            } else {
                let names = route.path.dropFirst().split(
                    separator: "/", omittingEmptySubsequences: false)
                let segments = names.map { [UInt8]($0.utf8) }
                places.append(
                    Place(path: route.path, segments: segments, routes: [index], allow: ""))
            }
        }
        var plainPaths: [UInt8] = []
        var plainPlaces: [(range: Range<Int>, place: Int)] = []
        for index in places.indices {
            places[index].allow = Self.allow(places[index].routes.map { routes[$0].method })
            if places[index].segments.contains(where: Self.isOpen) { continue }
            let start = plainPaths.count
            plainPaths.append(contentsOf: places[index].path.utf8)
            plainPlaces.append((start..<plainPaths.count, index))
        }
        let sizeMax = places.map(\.segments.count).max() ?? 0
        placesBySize = (0...sizeMax).map { size in
            places.indices.filter { places[$0].segments.count == size }
        }
        self.routes = routes
        self.places = places
        self.plainPaths = plainPaths
        self.plainPlaces = plainPlaces
    }

    /// The value of `Allow`: HEAD comes with GET, and OPTIONS is everywhere.
    private static func allow(_ methods: [Method]) -> String {
        var names = methods.map(\.name)
        if let get = names.firstIndex(of: "GET") { names.insert("HEAD", at: get + 1) }
        return (names + ["OPTIONS"]).joined(separator: ", ")
    }

    /// Whether any name may stand in this segment, as in `/v1/topics/{topic}`.
    private static func isOpen(_ segment: [UInt8]) -> Bool { segment.first == UInt8(ascii: "{") }

    /// Returns the place of the route for `method` among the routes of `place`, or nil.
    func route(at place: Int, for method: Method) -> Int? {
        let asked = method == .head ? .get : method
        for index in places[place].routes where routes[index].method == asked { return index }
        return nil
    }

    /// Returns the index of the place that `target` names, or nil where there is none.
    func place(of target: RequestTarget, in head: Span<UInt8>) throws(HTTPError) -> Int? {
        for (range, place) in plainPlaces where isSame(range, target.path, head) { return place }
        let size = target.segmentCount(in: head)
        if size < placesBySize.count {
            for index in placesBySize[size]
            where try matches(places[index].segments, target, head) { return index }
        }
        try checkEscapes(of: target, in: head)
        return nil
    }

    private func isSame(_ known: Range<Int>, _ sent: Range<Int>, _ head: Span<UInt8>) -> Bool {
        guard known.count == sent.count else { return false }
        for index in 0..<known.count
        where plainPaths[known.lowerBound + index] != head[sent.lowerBound + index] {
            return false
        }
        return true
    }

    /// Whether the segments, as many as are expected, are what is expected.
    private func matches(
        _ expected: [[UInt8]], _ target: RequestTarget, _ head: Span<UInt8>
    ) throws(HTTPError) -> Bool {
        var segments = target.segments
        for name in expected {
            guard let segment = segments.next(in: head) else { return false }
            if Self.isOpen(name) {
                try segment.check(in: head)
            } else {
                guard try segment.equals(name.span, in: head) else { return false }
            }
        }
        return true
    }

    /// Throws for a path that is no path at all, which is a 400 and not a 404.
    private func checkEscapes(of target: RequestTarget, in head: Span<UInt8>) throws(HTTPError) {
        var segments = target.segments
        while let segment = segments.next(in: head) { _ = try segment.bytes(in: head) }
    }
}
