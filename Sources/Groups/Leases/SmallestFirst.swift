/// A heap: elements come out smallest first.
struct SmallestFirst<Element> {
    private var elements: [Element] = []
    private let comesFirst: @Sendable (Element, Element) -> Bool

    init(_ comesFirst: @escaping @Sendable (Element, Element) -> Bool) {
        self.comesFirst = comesFirst
    }

    var count: Int { elements.count }
    var first: Element? { elements.first }

    func contains(_ isMatch: (Element) -> Bool) -> Bool { elements.contains(where: isMatch) }

    mutating func insert(_ element: Element) {
        elements.append(element)
        var place = elements.count - 1
        while place > 0, comesFirst(elements[place], elements[(place - 1) / 2]) {
            elements.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    mutating func popFirst() -> Element? {
        guard let first = elements.first else { return nil }
        let last = elements.removeLast()
        guard !elements.isEmpty else { return first }
        elements[0] = last
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < elements.count {
                if comesFirst(elements[child], elements[least]) { least = child }
            }
            if least == place { return first }
            elements.swapAt(place, least)
            place = least
        }
    }
}

extension SmallestFirst: Sendable where Element: Sendable {}
