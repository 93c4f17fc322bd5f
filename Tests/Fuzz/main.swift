import Kernel

// Throws broken input at everything that reads bytes of strangers, and checks that it never traps,
// that its verdict is the same however the input was cut, and that its output is bounded.
//
// The mutator is our own because libFuzzer wants its flags on every room that is linked, which a
// package can only have for all its products at once. Everything follows from the seed.

let options: Options
do throws(OptionsError) {
    options = try Options(CommandLine.arguments.dropFirst())
} catch {
    print(error.message)
    Machine.exit(2)
}

CrashReport.install()
let targets = options.target.map { [$0] } ?? FuzzTarget.allCases
var inputCount = 0
for target in targets {
    var run = FuzzRun(target, seed: options.seed, corpus: options.corpus)
    let end = BootClock.nanoseconds() + options.nanoseconds / UInt64(targets.count)
    if let failure = run.go(until: end) {
        print("\(target.rawValue): \(failure.reason)")
        print("seed \(options.seed)")
        print("input \(hex(failure.input))")
        Machine.exit(1)
    }
    print("\(target.rawValue): \(run.inputCount) inputs")
    inputCount += run.inputCount
}
print("seed \(options.seed): \(inputCount) inputs were run")
