import Kernel
import Settings
import Storage

/// Proves a data directory that nobody serves, and says what was found.
func runCheck(_ settings: CheckSettings) -> ExitCode {
    do throws(DirectoryLock.Failure) {
        // Held for as long as this function runs.
        let lock = try DirectoryLock(ofExisting: settings.data)
        defer { withExtendedLifetime(lock) {} }
        return check(settings)
    } catch {
        switch error {
        case .inUse:
            return cannotLook(settings, "a running posthorn has it. Stop that first.")
        case .kernel(let error): return cannotLook(settings, error.reason + ".")
        }
    }
}

private func check(_ settings: CheckSettings) -> ExitCode {
    var line = ProgressLine()
    var checker = DataChecker(DiskPlace(settings.data, isReadOnly: true))
    do throws(CheckFailure) {
        let report = try checker.run { log, position, limit in
            line.show {
                "\(log): \(position >> 20) of \(limit >> 20) MiB"
            }
        }
        line.clear()
        let text = settings.json ? report.json(of: settings.data) : report.text(of: settings.data)
        print(text, terminator: "")
        return report.isSound ? .success : .damage
    } catch {
        line.clear()
        return cannotLook(settings, error.reason + ".")
    }
}

private func cannotLook(_ settings: CheckSettings, _ reason: String) -> ExitCode {
    let text = "posthorn: \(settings.data.shown) cannot be checked: \(reason)\n"
    _ = StandardError.write([UInt8](text.utf8)[...], mayBlock: true)
    return .failure
}
