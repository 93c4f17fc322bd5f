package import HTTP

/// Makes requests from a seed, and knows what a parser has to find in them.
package struct RequestMaker {
    /// A request and what it says.
    package struct Made {
        package var wire: [UInt8] = []
        package var method = ""
        package var target = ""
        package var version = HTTPVersion.http11
        package var fields: [(name: String, value: String)] = []
        package var framing = BodyFraming.none
        package var keepsAlive = true
        package var headSize = 0
    }

    private static let tokenBytes = Array(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~".utf8)
    private static let targetBytes = (UInt8(0x21)...0x7E).filter { $0 != UInt8(ascii: "#") }
    private static let valueBytes = (UInt8(0x21)...0xFF).filter { $0 != 0x7F }

    private var random: SeededRandom

    package init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    package mutating func make() -> Made {
        var made = Made()
        if random.oneIn(8) { append("\r\n", to: &made) }
        writeLine(&made)
        writeFields(&made)
        append("\r\n", to: &made)
        made.headSize = made.wire.count
        if random.oneIn(3) { append("GET / HTTP/1.1\r\n", to: &made) }
        return made
    }

    /// Places to cut `size` bytes at, in order: none, a few, or all.
    package mutating func cuts(_ size: Int) -> [Int] {
        if random.oneIn(8) { return Array(0..<size) }
        return (0..<random.number(in: 0...6)).map { _ in random.number(in: 0...size) }.sorted()
    }

    /// Changes, drops, doubles or swaps a few bytes.
    package mutating func mutate(_ wire: [UInt8]) -> [UInt8] {
        var mutated = wire
        for _ in 0..<random.number(in: 1...3) where !mutated.isEmpty {
            let place = random.number(in: 0...mutated.count - 1)
            switch random.number(in: 0...4) {
            case 0: mutated[place] = UInt8.random(in: .min ... .max, using: &random)
            case 1: mutated.remove(at: place)
            case 2: mutated.insert(mutated[place], at: place)
            case 3: mutated.insert(random.pick(Array("\r\n\t :,;%/?#\0".utf8)), at: place)
            default: mutated.swapAt(place, random.number(in: 0...mutated.count - 1))
            }
        }
        return mutated
    }
}

extension RequestMaker {
    private mutating func writeLine(_ made: inout Made) {
        let known = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"]
        made.method = random.oneIn(4) ? text(Self.tokenBytes, 1...32) : random.pick(known)
        if made.method == "CONNECT" { made.method = "Connect" }
        made.target = "/" + text(Self.targetBytes, 0...60)
        if random.oneIn(6) { made.target = "http://h:80" + made.target }
        made.version = random.oneIn(4) ? .http10 : .http11
        made.keepsAlive = made.version == .http11
        let version = made.version == .http10 ? "HTTP/1.0" : "HTTP/1.1"
        append("\(made.method) \(made.target) \(version)\r\n", to: &made)
    }

    private mutating func writeFields(_ made: inout Made) {
        var lines = (0..<random.number(in: 0...12)).map { _ in
            ("x" + text(Self.tokenBytes, 0...20), value())
        }
        lines.append(
            (anyCase("host"), random.pick(["a", "localhost:8080", "[::1]", "127.0.0.1:1"])))
        switch random.number(in: 0...3) {
        case 0:
            let length = random.number(in: 0...100_000)
            made.framing = .length(length)
            lines.append((anyCase("content-length"), "\(length)"))
        case 1 where made.version == .http11:
            made.framing = .chunked
            lines.append((anyCase("transfer-encoding"), anyCase("chunked")))
        default: break
        }
        if random.oneIn(3) {
            made.keepsAlive = random.oneIn(2)
            lines.append((anyCase("connection"), anyCase(made.keepsAlive ? "keep-alive" : "close")))
        }
        lines.shuffle(using: &random)
        for (name, value) in lines {
            append("\(name):\(blanks())\(value)\(blanks())\r\n", to: &made)
            made.fields.append((name, value))
        }
    }

    private mutating func value() -> String {
        let word = text(Self.valueBytes.filter { $0 < 0x80 }, 1...40)
        return random.oneIn(3) ? word + " \t\u{e9}" + word : random.oneIn(8) ? "" : word
    }

    private mutating func blanks() -> String { random.pick(["", " ", " ", "\t", " \t "]) }

    private mutating func anyCase(_ word: String) -> String {
        random.oneIn(2) ? word : random.oneIn(2) ? word.uppercased() : word.capitalized(&random)
    }

    private mutating func text(_ bytes: [UInt8], _ size: ClosedRange<Int>) -> String {
        let count = random.number(in: size)
        return String(decoding: (0..<count).map { _ in random.pick(bytes) }, as: UTF8.self)
    }

    private func append(_ text: String, to made: inout Made) { made.wire += Array(text.utf8) }
}

extension String {
    /// The text with some of its letters made large.
    fileprivate func capitalized(_ random: inout SeededRandom) -> String {
        var text = ""
        for letter in self { text += random.oneIn(2) ? letter.uppercased() : String(letter) }
        return text
    }
}
