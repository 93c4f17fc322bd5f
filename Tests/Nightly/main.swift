// Runs the worlds of Tests/Simulation from fresh seeds until it is stopped, or something is found.
//
// nightly [world [first [last]]]: without numbers it goes on for ever; with them it runs those seeds.

import Glibc
import Kernel
import Simulation

/// One kind of world, and what it finds wrong from a seed.
struct World: Sendable {
    let name: String
    let violation: @Sendable (UInt64) throws -> String?

    static let all = [
        World(name: "broker") { BrokerWorld(seed: $0).run().violation },
        World(name: "shard") { try ShardWorld(seed: $0).run(steps: 400).violations.first },
        World(name: "group-shard") { try GroupShardWorld(seed: $0).run() },
        World(name: "groups") { seed in
            var world = GroupWorld(seed: seed)
            return world.run().violation
        },
        World(name: "log") { LogWorld(seed: $0).run(steps: 120).violations.first },
        World(name: "gateway") { seed in
            do throws(GatewayWorld.Failure) {
                try GatewayWorld(seed: seed).run()
                return nil
            } catch {
                return error.description
            }
        },
    ]

    /// Whether the seed passes.
    func passes(_ seed: UInt64) -> Bool {
        do {
            guard let violation = try violation(seed) else { return true }
            print("FAILED: nightly \(name) \(seed) \(seed): \(violation)")
        } catch {
            print("FAILED: nightly \(name) \(seed) \(seed): \(error)")
        }
        return false
    }
}

let words = CommandLine.arguments.dropFirst()
let worlds = World.all.filter { words.isEmpty || words.first == $0.name }
let bounds = words.dropFirst().compactMap { UInt64($0) }
guard !worlds.isEmpty, bounds.count == max(0, words.count - 1) else {
    print("usage: nightly [\(World.all.map(\.name).joined(separator: "|")) [first [last]]]")
    exit(2)
}

if let first = bounds.first {
    let begun = BootClock.nanoseconds()
    let seeds = first...max(first, bounds.last ?? first)
    var failed = 0
    for seed in seeds {
        for world in worlds where !world.passes(seed) { failed += 1 }
    }
    let took = (BootClock.nanoseconds() - begun) / 1_000_000
    print("\(seeds.count) seeds in \(took) ms, \(failed) failed")
    exit(failed == 0 ? 0 : 1)
}

var random = SystemRandomNumberGenerator()
var done = 0
while true {
    // Short enough to be typed again.
    let seed = UInt64(random.next() as UInt32)
    for world in worlds where !world.passes(seed) { exit(1) }
    done += 1
    if done.isMultiple(of: 500) { print("\(done) seeds passed") }
}
