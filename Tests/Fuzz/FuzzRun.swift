import Kernel
import Simulation

/// Feeds one target, starting from its corpus, until something fails or the time is over.
struct FuzzRun {
    struct Failure {
        var reason: String
        var input: [UInt8]
    }

    private static let poolCountMax = 512
    private static let inputSizeMax = 4 << 10
    private static let clockStride = 256

    private let target: FuzzTarget
    private let seed: UInt64
    private let words: [[UInt8]]
    private var random: SeededRandom
    private var maker: RequestMaker
    private var pool: [[UInt8]]
    private(set) var inputCount = 0

    init(_ target: FuzzTarget, seed: UInt64, corpus: String) {
        self.target = target
        self.seed = seed
        words = target.words.map { Array($0.utf8) }
        random = SeededRandom(seed: seed)
        maker = RequestMaker(seed: seed)
        pool = Self.files(in: "\(corpus)/\(target.rawValue)")
        if pool.isEmpty { pool.append([]) }
    }

    /// The files 01, 02 and so on.
    private static func files(in directory: String) -> [[UInt8]] {
        var files: [[UInt8]] = []
        for number in 1...99 {
            let path = "\(directory)/\(number < 10 ? "0" : "")\(number)"
            do throws(KernelError) {
                files.append(try TextFile.read(path, sizeMax: inputSizeMax))
            } catch {
                break
            }
        }
        return files
    }

    mutating func go(until end: UInt64) -> Failure? {
        for input in pool {
            if let failure = run(input) { return failure }
        }
        while inputCount % Self.clockStride != 0 || BootClock.nanoseconds() < end {
            if let failure = run(nextInput()) { return failure }
        }
        return nil
    }

    private mutating func run(_ input: [UInt8]) -> Failure? {
        inputCount += 1
        CrashReport.note(input, target: target.rawValue, seed: seed)
        switch target.check(input, cuts: maker.cuts(input.count)) {
        case .refused: return nil
        case .accepted:
            keep(input)
            return nil
        case .failed(let reason): return Failure(reason: reason, input: input)
        }
    }

    private mutating func keep(_ input: [UInt8]) {
        if pool.count < Self.poolCountMax {
            pool.append(input)
        } else if random.oneIn(16) {
            pool[random.number(in: 0...pool.count - 1)] = input
        }
    }

    private mutating func nextInput() -> [UInt8] {
        if target == .request, random.oneIn(4) { return maker.mutate(maker.make().wire) }
        var input = random.pick(pool)
        for _ in 0..<random.number(in: 1...4) { mutate(&input) }
        if input.count > Self.inputSizeMax { input.removeLast(input.count - Self.inputSizeMax) }
        return input
    }

    private mutating func mutate(_ input: inout [UInt8]) {
        let place = random.number(in: 0...input.count)
        switch random.number(in: 0...5) {
        case 0: input.insert(contentsOf: random.pick(words), at: place)
        case 1: input.insert(UInt8.random(in: .min ... .max, using: &random), at: place)
        case 2:
            let other = random.pick(pool)
            input.replaceSubrange(place..., with: other.suffix(random.number(in: 0...other.count)))
        case 3:
            let end = min(input.count, place + random.number(in: 0...32))
            input.insert(contentsOf: input[place..<end], at: place)
        case 4:
            input.removeSubrange(place..<min(input.count, place + random.number(in: 1...8)))
        default:
            guard place < input.count else { return }
            input[place] ^= 1 << UInt8(random.number(in: 0...7))
        }
    }
}
