import Bytes

// What members mean; where one cannot be taken, it is noted with what it has to be.
extension BodyObject {
    mutating func count(
        _ value: Value, _ name: String, _ bounds: ClosedRange<Int>, orNull: Bool = false
    ) -> Int? {
        if case .integer(let number) = value, let number = Int(exactly: number), bounds ~= number {
            return number
        }
        let other = orNull ? ", or null" : ""
        refuse(
            name, "has to be a number from \(bounds.lowerBound) to \(bounds.upperBound)\(other)")
        return nil
    }

    mutating func duration(
        _ value: Value, _ name: String, _ bounds: ClosedRange<Int>, orNull: Bool = false
    ) -> Int? {
        if let found = value.milliseconds, bounds ~= found { return found }
        let ends = [bounds.lowerBound, bounds.upperBound].map {
            Duration.milliseconds($0).human
        }
        let other = orNull ? ", or null" : ""
        refuse(name, "has to be a duration from \(ends[0]) to \(ends[1])\(other)")
        return nil
    }

    mutating func size(
        _ value: Value, _ name: String, _ bounds: ClosedRange<Int>, orNull: Bool = false
    ) -> Int? {
        if let found = value.size, bounds ~= found { return found }
        let ends = [bounds.lowerBound, bounds.upperBound].map { HumanSize.format($0) }
        let other = orNull ? ", or null" : ""
        refuse(name, "has to be a size from \(ends[0]) to \(ends[1])\(other)")
        return nil
    }

    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ value: Value, _ name: String
    ) -> Choice? {
        if case .text(let text) = value, let choice = Choice(rawValue: text) { return choice }
        let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        refuse(name, "has to be one of \(choices)")
        return nil
    }
}

extension BodyObject.Value {
    /// A `null` is a value of its own: there is to be no bound.
    func orNull<Found>(_ read: (BodyObject.Value) -> Found?) -> Found?? {
        if case .null = self { return .some(nil) }
        return read(self).map { .some($0) }
    }

    var milliseconds: Int? {
        switch self {
        case .integer(let seconds) where seconds >= 0 && seconds <= Int.max / 1_000:
            Int(seconds) * 1_000
        case .text(let text): Duration(human: text).flatMap { Int(exactly: $0.milliseconds) }
        default: nil
        }
    }

    var size: Int? {
        switch self {
        case .integer(let number): Int(exactly: number)
        case .text(let text): HumanSize.parse(text)
        default: nil
        }
    }
}
