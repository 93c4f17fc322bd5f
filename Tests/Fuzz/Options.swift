/// What the command line asks for.
struct Options {
    var seconds: UInt64 = 10
    var seed: UInt64 = 1
    /// All of them if it is nil.
    var target: FuzzTarget?
    var corpus = "Tests/Fuzz/corpus"

    var nanoseconds: UInt64 { seconds * 1_000_000_000 }

    init(_ arguments: ArraySlice<String>) throws(OptionsError) {
        var left = arguments
        while let flag = left.popFirst() {
            guard let value = left.popFirst() else { throw .usage }
            switch flag {
            case "--seconds": seconds = try Self.number(value)
            case "--seed": seed = try Self.number(value)
            case "--target":
                guard let known = FuzzTarget(rawValue: value) else { throw .usage }
                target = known
            case "--corpus": corpus = value
            default: throw .usage
            }
        }
        guard seconds <= 1_000_000 else { throw .usage }
    }

    private static func number(_ text: String) throws(OptionsError) -> UInt64 {
        guard let number = UInt64(text) else { throw .usage }
        return number
    }
}

enum OptionsError: Error {
    case usage

    var message: String {
        let targets = FuzzTarget.allCases.map(\.rawValue).joined(separator: "|")
        return "usage: Fuzz [--seconds N] [--seed S] [--target \(targets)] [--corpus DIRECTORY]"
    }
}
