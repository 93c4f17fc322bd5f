/// A number other than 0 for each of many offsets, in pages of offsets in a row: a run of them costs little
/// more than one, wherever it is.
struct OffsetPages: Sendable {
    private static let pageSize = 64

    /// The place of each page that has something.
    private var places: [Int: Int] = [:]
    private var cells: [UInt32] = []
    /// How many cells of each place have something.
    private var uses: [Int] = []
    private var vacant: [Int] = []
    /// Nothing is at or behind it.
    private var end = 0
    private(set) var count = 0

    init() {}

    subscript(offset: Int) -> UInt32 {
        guard offset < end, let place = places[offset / Self.pageSize] else { return 0 }
        return cells[place * Self.pageSize + offset % Self.pageSize]
    }

    /// Gives the offsets of a run a number, whatever they had; 0 takes it away.
    mutating func set(_ run: Range<Int>, to number: UInt32) {
        var rest = run
        while let offset = rest.first {
            let page = offset / Self.pageSize
            let part = rest.clamped(to: Self.offsets(of: page))
            if number != 0 {
                fill(part, of: page, at: places[page] ?? open(page), with: number)
            } else if let place = places[page] {
                fill(part, of: page, at: place, with: 0)
                if uses[place] == 0 { close(page, place) }
            }
            rest = part.upperBound..<rest.upperBound
        }
        if places.isEmpty {
            end = 0
        } else if number != 0 {
            end = max(end, run.upperBound)
        }
    }

    /// How much of the front of a run has this number, or none where it is 0.
    func front(of run: Range<Int>, with number: UInt32) -> Range<Int> {
        if number == 0, run.lowerBound >= end { return run }
        var rest = run
        while let first = rest.first {
            let page = first / Self.pageSize
            let part = rest.clamped(to: Self.offsets(of: page))
            if let place = places[page] {
                let base = (place - page) * Self.pageSize
                for offset in part where cells[base + offset] != number {
                    return run.lowerBound..<offset
                }
            } else if number != 0 {
                return run.lowerBound..<first
            }
            rest = part.upperBound..<rest.upperBound
        }
        return run
    }

    /// What has a number, in order: offsets in a row with the same one together.
    func runs(in range: Range<Int>) -> [(offsets: Range<Int>, number: UInt32)] {
        var runs: [(offsets: Range<Int>, number: UInt32)] = []
        for page in pages(in: range.clamped(to: 0..<max(end, 0))) {
            guard let place = places[page] else { continue }
            for offset in range.clamped(to: Self.offsets(of: page)) {
                let number = cells[place * Self.pageSize + offset % Self.pageSize]
                if number == 0 { continue }
                if let last = runs.last, last.number == number, last.offsets.upperBound == offset {
                    runs[runs.count - 1].offsets = last.offsets.lowerBound..<offset + 1
                } else {
                    runs.append((offset..<offset + 1, number))
                }
            }
        }
        return runs
    }

    // MARK: Pages

    private static func offsets(of page: Int) -> Range<Int> {
        page * pageSize..<(page + 1) * pageSize
    }

    /// Those that may have something of a range, in order.
    private func pages(in range: Range<Int>) -> [Int] {
        guard let last = range.last else { return [] }
        let pages = range.lowerBound / Self.pageSize...last / Self.pageSize
        guard pages.count > places.count else { return Array(pages) }
        return places.keys.filter { pages.contains($0) }.sorted()
    }

    private mutating func open(_ page: Int) -> Int {
        let place = vacant.popLast() ?? uses.count
        if place == uses.count {
            uses.append(0)
            cells += repeatElement(0, count: Self.pageSize)
        }
        places[page] = place
        return place
    }

    private mutating func close(_ page: Int, _ place: Int) {
        places[page] = nil
        vacant.append(place)
    }

    private mutating func fill(
        _ part: Range<Int>, of page: Int, at place: Int, with number: UInt32
    ) {
        let base = (place - page) * Self.pageSize
        var had = 0
        for offset in part {
            if cells[base + offset] != 0 { had += 1 }
            cells[base + offset] = number
        }
        let more = (number == 0 ? 0 : part.count) - had
        uses[place] += more
        count += more
    }
}
