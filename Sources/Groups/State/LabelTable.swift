/// Texts that failures share, each with a small number: reasons, consumers, addresses.
///
/// A text that finds no room is not kept, which the number 0 says; it decides nothing.
package struct LabelTable: Sendable {
    private struct Label {
        var text: String
        var uses: Int
    }

    private let countMax: Int
    private var labels: [Label] = []
    private var vacant: [UInt16] = []
    private var numbers: [String: UInt16] = [:]

    package init(countMax: Int) {
        self.countMax = min(countMax, Int(UInt16.max) - 1)
    }

    package var count: Int { numbers.count }

    package subscript(number: UInt16) -> String {
        number == 0 ? "" : labels[Int(number) - 1].text
    }

    /// The number of a text, which is kept until as many uses of it have ended.
    package mutating func use(_ text: String) -> UInt16 {
        if text.isEmpty { return 0 }
        if let number = numbers[text] {
            labels[Int(number) - 1].uses += 1
            return number
        }
        guard let number = makeRoom() else { return 0 }
        labels[Int(number) - 1] = Label(text: text, uses: 1)
        numbers[text] = number
        return number
    }

    package mutating func end(_ number: UInt16) {
        guard number != 0 else { return }
        let place = Int(number) - 1
        labels[place].uses -= 1
        guard labels[place].uses == 0 else { return }
        numbers[labels[place].text] = nil
        labels[place].text = ""
        vacant.append(number)
    }

    private mutating func makeRoom() -> UInt16? {
        if let number = vacant.popLast() { return number }
        guard labels.count < countMax else { return nil }
        labels.append(Label(text: "", uses: 0))
        return UInt16(labels.count)
    }

    /// At most so many bytes of a text, whole characters of it.
    package static func cut(_ text: String) -> String {
        guard text.utf8.count > GroupLimits.labelSizeMax else { return text }
        var cut = text
        while cut.utf8.count > GroupLimits.labelSizeMax { cut.removeLast() }
        return cut
    }
}
