// A second opinion on filters: what is wanted as a tree, its text in any spelling, and its verdict
// by dictionaries and whole numbers.

import Bytes
import Simulation

/// A message as a dictionary.
struct FilterMessage {
    var key: String?
    var attributes: [String: String]
    var time: UInt64
}

/// What somebody wants to filter.
indirect enum FilterWish {
    enum Value { case text(String), number(String) }

    case exists(String)
    case prefix(String, String)
    case compare(String, String, Value)
    case list(String, [Value])
    case time(String, Int64)
    case not(FilterWish)
    case both(FilterWish, FilterWish)
    case either(FilterWish, FilterWish)

    func holds(_ message: FilterMessage) -> Bool {
        func part(_ name: String) -> String? {
            name == "key" ? message.key : message.attributes[name]
        }
        switch self {
        case .exists(let name): return part(name) != nil
        case .prefix(let name, let text):
            return part(name).map { Array($0.utf8).starts(with: Array(text.utf8)) } ?? false
        case .compare(let name, let sign, let value):
            let holds = part(name).map { Self.compare($0, sign, value) } ?? false
            return sign == "!=" ? !holds : holds
        case .list(let name, let values):
            return part(name).map { part in values.contains { Self.compare(part, "=", $0) } }
                ?? false
        case .time(let sign, let time):
            let order = Int64(message.time) < time ? -1 : Int64(message.time) == time ? 0 : 1
            return Self.holds(sign, order) != (sign == "!=")
        case .not(let wish): return !wish.holds(message)
        case .both(let one, let other): return one.holds(message) && other.holds(message)
        case .either(let one, let other): return one.holds(message) || other.holds(message)
        }
    }

    /// The comparison itself; that of `!=` is `=`.
    private static func compare(_ part: String, _ sign: String, _ value: Value) -> Bool {
        switch value {
        case .text(let text):
            let (one, other) = (Array(part.utf8), Array(text.utf8))
            return holds(sign, one == other ? 0 : one.lexicographicallyPrecedes(other) ? -1 : 1)
        case .number(let digits):
            guard let one = scaled(part), let other = scaled(digits) else { return false }
            return holds(sign, one < other ? -1 : one == other ? 0 : 1)
        }
    }

    private static func holds(_ sign: String, _ order: Int) -> Bool {
        switch sign {
        case "=", "!=": order == 0
        case "<": order < 0
        case "<=": order <= 0
        case ">": order > 0
        default: order >= 0
        }
    }

    /// The number in millionths, as far as the samples need it.
    private static func scaled(_ text: String) -> Int? {
        let parts = text.split(separator: "e", maxSplits: 1, omittingEmptySubsequences: false)
        let isNegative = parts[0].hasPrefix("-")
        let figures = parts[0].dropFirst(isNegative ? 1 : 0)
            .split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard figures.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(\.isDigit) }) else {
            return nil
        }
        let exponent = parts.count == 2 ? Int(parts[1]) : 0
        guard let exponent, let whole = Int(figures.joined()) else { return nil }
        let fraction = figures.count == 2 ? figures[1].count : 0
        let scale = (0..<6 + exponent - fraction).reduce(1) { scale, _ in scale * 10 }
        return (isNegative ? -1 : 1) * whole * scale
    }
}

/// Makes wishes, messages and spellings from a seed.
struct FilterMaker {
    var random: SeededRandom
    static let names = ["region", "total", "x-y", "time", "größe", "2fa", "or", "exists", "key"]
    static let texts = [
        "", "eu", "eu-west", "us", "e", "é", "\"q\"", "it's", "a\nb", "\u{7F}", "\\", "100", "abc",
    ]
    static let numbers = [
        "0", "-0", "0.0", "1", "100", "100.0", "0100", "1e2", "0.1", "0.10", "-0.1", "99.999",
        "10e-1", "1e-3", "-100", "100.001", "1e3", "123456",
    ]
    /// Those of messages are the last four, which are near enough to each other for one batch.
    static let times: [Int64] = [
        -1, 0, 1_699_999_999_999, 1_700_000_000_000, 1_700_000_000_001, 1_700_000_000_123,
    ]
    static let signs = ["=", "!=", "<", "<=", ">", ">="]

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    mutating func message() -> FilterMessage {
        var message = FilterMessage(
            attributes: [:], time: UInt64(random.pick(Self.times.suffix(4))))
        if random.oneIn(2) { message.key = part() }
        for name in Self.names.dropLast() where random.oneIn(2) {
            message.attributes[name] = part()
        }
        return message
    }

    private mutating func part() -> String { random.pick(Self.texts + Self.numbers) }

    mutating func wish(_ depth: Int = 5) -> FilterWish {
        if depth == 0 || random.oneIn(3) { return leaf() }
        switch random.number(in: 0...2) {
        case 0: return .not(wish(depth - 1))
        case 1: return .both(wish(depth - 1), wish(depth - 1))
        default: return .either(wish(depth - 1), wish(depth - 1))
        }
    }

    private mutating func leaf() -> FilterWish {
        let name = random.pick(Self.names)
        switch random.number(in: 0...7) {
        case 0: return .exists(name)
        case 1: return .prefix(name, random.pick(Self.texts))
        case 2: return .time(random.pick(Self.signs), random.pick(Self.times))
        case 3: return .list(name, (0..<random.number(in: 1...5)).map { _ in value() })
        default: return .compare(name, random.pick(Self.signs), value())
        }
    }

    private mutating func value() -> FilterWish.Value {
        random.oneIn(2) ? .text(random.pick(Self.texts)) : .number(random.pick(Self.numbers))
    }
}

extension FilterMaker {
    /// One of the many texts of a wish.
    mutating func text(_ wish: FilterWish) -> String {
        let bare: String
        switch wish {
        case .exists(let name): bare = "\(word("exists"))(\(space())\(self.name(name)))"
        case .prefix(let name, let text):
            bare = "\(word("prefix"))(\(self.name(name)),\(space())\(quoted(text)))"
        case .compare(let name, let sign, let value):
            bare = "\(self.name(name))\(space())\(sign)\(space())\(self.value(value))"
        case .list(let name, let values):
            let list = values.shuffled(using: &random).map { self.value($0) }
            bare = "\(self.name(name)) \(word("in"))\(space())(\(list.joined(separator: ", ")))"
        case .time(let sign, let time):
            bare = "\(word("time"))\(space())\(sign)\(space())\(quoted(moment(time)))"
        case .not(let wish): bare = "\(word("not")) \(grouped(wish))"
        case .both(let one, let other):
            bare = "\(grouped(one)) \(word("and")) \(grouped(other))"
        case .either(let one, let other):
            bare = "\(text(one)) \(word("or")) \(text(other))"
        }
        if random.oneIn(8) { return "(\(bare))" }
        return random.oneIn(8) ? "not (not (\(bare)))" : bare
    }

    /// With parentheses where they are needed, and more often than not where they are not.
    private mutating func grouped(_ wish: FilterWish) -> String {
        switch wish {
        case .both, .either: "(\(text(wish)))"
        default: random.oneIn(2) ? "(\(text(wish)))" : text(wish)
        }
    }

    private mutating func word(_ word: String) -> String {
        random.oneIn(2) ? word : word.uppercased()
    }

    private mutating func space() -> String { random.pick(["", " ", "\n\t "]) }

    private mutating func name(_ name: String) -> String {
        if name == "key" { return word("key") }
        let isPlain = ["region", "total", "x-y", "exists"].contains(name)
        return isPlain && random.oneIn(2) ? name : "attr[\(quoted(name))]"
    }

    private mutating func value(_ value: FilterWish.Value) -> String {
        switch value {
        case .text(let text): quoted(text)
        case .number(let number): number
        }
    }

    private mutating func moment(_ time: Int64) -> String {
        var bytes: [UInt8] = []
        Timestamp.append(time, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func quoted(_ text: String) -> String {
        let quote = random.pick(["\"", "'"])
        let inside = text.unicodeScalars.map { scalar in
            if random.oneIn(6) || scalar.value < 32 || scalar.value == 127 {
                return "\\u{\(String(scalar.value, radix: 16))}"
            }
            return String(scalar) == quote || scalar == "\\" ? "\\\(scalar)" : String(scalar)
        }
        return quote + inside.joined() + quote
    }
}
