import CommitLog
import Simulation
import Storage
import Testing

/// What a call came to: bytes, names, or why not.
private enum Outcome: Equatable {
    case bytes([UInt8])
    case names([String])
    case done
    case refused(LogError)
}

/// A directory and the files that were opened in it, by number.
private struct Actor<Directory: LogDirectory> {
    let directory: Directory
    var open: [Directory.File] = []

    mutating func perform(_ operation: Operation) -> Outcome {
        do throws(LogError) {
            switch operation {
            case .names: return .names(try directory.names())
            case .open(let name): open.append(try directory.open(name))
            case .create(let name, let size): open.append(try directory.create(name, size: size))
            case .makeFile(let name, let bytes): try directory.makeFile(name, bytes)
            case .readFile(let name): return .bytes(try directory.readFile(name))
            case .rename(let name, let other): try directory.rename(name, to: other)
            case .remove(let name): try directory.remove(name)
            case .synchronise: try directory.synchronise()
            case .write(let file, let bytes, let place):
                try open[file].write(bytes, at: place)
            case .read(let file, let range): return .bytes(try open[file].read(range))
            case .flush(let file): try open[file].flush()
            }
            return .done
        } catch {
            return .refused(error)
        }
    }
}

private enum Operation {
    case names, synchronise
    case open(String)
    case create(String, size: Int)
    case makeFile(String, [UInt8])
    case readFile(String)
    case rename(String, String)
    case remove(String)
    case write(Int, [UInt8], place: Int)
    case read(Int, Range<Int>)
    case flush(Int)
}

@Suite("The simulated disk and the real one")
struct SameResultsTests {
    private static let block = LogFormat.blockSize

    @Test("answer every call alike", arguments: UInt64(1)...12)
    func answerAlike(seed: UInt64) throws {
        let place = try Place()
        let home = try LogHome(place.path)
        var random = SeededRandom(seed: seed)
        var real = Actor(directory: try home.directory(ofShard: 0))
        var simulated = Actor(directory: SimulatedDisk(seed: seed))
        var refusals = 0
        for step in 0..<150 {
            let sizes = simulated.open.map(\.size)
            #expect(real.open.map(\.size) == sizes, "rerun with seed \(seed)")
            let operation = Self.operation(sizes, &random)
            let expected = simulated.perform(operation)
            let actual = real.perform(operation)
            if case .refused = expected { refusals += 1 }
            try #require(actual == expected, "seed \(seed), step \(step): \(operation)")
        }
        #expect(refusals > 0, "the seed refused nothing")
    }

    private static func operation(_ sizes: [Int], _ random: inout SeededRandom) -> Operation {
        let names = ["a", "b", "c", "d"]
        switch random.number(in: 0...13) {
        case 0: return .names
        case 1: return .open(random.pick(names))
        case 2: return .create(random.pick(names), size: block * random.number(in: 0...9))
        case 3: return .makeFile(random.pick(names), bytes(random.number(in: 0...10_000), &random))
        case 4: return .readFile(random.pick(names))
        case 5:
            // Two names that differ.
            let first = random.number(in: 0...3)
            return .rename(names[first], names[(first + random.number(in: 1...3)) % 4])
        case 6: return .remove(random.pick(names))
        case 7: return .synchronise
        default: return use(sizes, &random) ?? .names
        }
    }

    private static func use(_ sizes: [Int], _ random: inout SeededRandom) -> Operation? {
        guard !sizes.isEmpty else { return nil }
        let file = random.number(in: 0...sizes.count - 1)
        let size = sizes[file]
        switch random.number(in: 0...4) {
        case 0: return .flush(file)
        case 1, 2:
            let start = random.number(in: 0...size)
            return .read(file, start..<random.number(in: start...size))
        default:
            // What is opened again is written by whole blocks.
            let first = random.number(in: 0...size / block)
            let count = random.number(in: 0...size / block - first)
            return .write(file, bytes(count * block, &random), place: first * block)
        }
    }

    private static func bytes(_ count: Int, _ random: inout SeededRandom) -> [UInt8] {
        let filler = UInt8.random(in: 0...255, using: &random)
        return [UInt8](repeating: filler, count: count)
    }
}
