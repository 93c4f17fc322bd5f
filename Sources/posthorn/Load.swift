import Bench
import Kernel
import Settings

/// Puts the load on, and says what came of it.
func load(_ settings: BenchSettings) -> ExitCode {
    var line = ProgressLine()
    do throws(BenchFailure) {
        let result = try runBench(settings) { answers in
            line.show { "\(answers) answers" }
        }
        line.clear()
        print(settings.json ? result.json : result.text, terminator: "")
        return result.isClean ? .success : .failure
    } catch {
        line.clear()
        let reason =
            switch error {
            case .noAddress(let reason): "it has no address (\(reason))"
            case .badRequest: "no request can be made of --topic or --path"
            case .kernel(let reason): reason
            }
        let text = "posthorn: no load on \(settings.url): \(reason).\n"
        _ = StandardError.write([UInt8](text.utf8)[...], mayBlock: true)
        return .failure
    }
}
