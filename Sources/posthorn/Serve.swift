import Settings
import Telemetry

/// Runs the broker until it is told to stop; SIGHUP reads `source` again.
func runServe(_ settings: ServeSettings, source: SettingsSource) -> ExitCode {
    var log = Log(LogSettings())
    log.error("serve is not built in")
    log.flush(mayBlock: true)
    return .failure
}
