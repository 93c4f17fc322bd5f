// A log that is there to be killed; Tests/Crash drives it.
//
//     CrashWriter write DIR [ROUNDS]   prints each entry's number once it is flushed
//     CrashWriter verify DIR           prints how many entries there are, from 0 on; 1 if not sound

import CommitLog
import Glibc

/// Says a line at once: whoever kills this process has heard all that was said before.
func tell(_ line: String) {
    var bytes = Array((line + "\n").utf8)[...]
    while !bytes.isEmpty {
        let count = unsafe bytes.withUnsafeBytes {
            unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count)
        }
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { exit(3) }
        bytes = bytes.dropFirst(count)
    }
}

do throws(LogError) {
    let words = CommandLine.arguments.dropFirst()
    guard words.count >= 2, let mode = words.first else {
        tell("usage: CrashWriter write DIR [ROUNDS] | verify DIR")
        exit(2)
    }
    let directory = CommandLine.arguments[2]
    if mode == "write" {
        var writer = Writer(try Shard(at: directory))
        let rounds = words.count > 2 ? Int(CommandLine.arguments[3]) ?? 0 : Int.max
        for _ in 0..<rounds { try writer.turn() }
    } else {
        switch try Verifier.verify(directory) {
        case .success(let count): tell("\(count)")
        case .failure(let finding):
            tell("unsound: \(finding)")
            exit(1)
        }
    }
} catch {
    tell("failed: \(error)")
    exit(1)
}
