import Bytes
import CommitLog
import Coordination
import Gateway
import HTTP
import Kernel
import Settings
import Storage
import Telemetry

/// Runs the broker until it is told to stop; SIGHUP reads `source` again.
func runServe(_ settings: ServeSettings, source: SettingsSource) -> ExitCode {
    var log = Log(LogSettings(format: settings.format, level: settings.level))
    defer { log.flush(mayBlock: true) }
    do throws(DirectoryLock.Failure) {
        // Held for as long as this function runs.
        let directory = try DirectoryLock(at: settings.data)
        defer { withExtendedLifetime(directory) {} }
        return open(settings, source, &log)
    } catch {
        switch error {
        case .inUse:
            log.error("data_directory_in_use") { line in
                line.add("directory", settings.data)
                line.add("fix", "stop the other posthorn, or give this one another --data")
            }
        case .kernel(let error):
            log.error("data_directory_unusable") { line in
                line.add("directory", settings.data)
                line.add("reason", error.description)
                line.add("fix", directoryFix(error))
            }
        }
        return .failure
    }
}

/// Opens the data, and serves it.
private func open(
    _ settings: ServeSettings, _ source: SettingsSource, _ log: inout Log
) -> ExitCode {
    do throws(KernelError) {
        // Signals are blocked before the first thread starts, so that only this one hears them.
        let signals = try Signals()
        switch try openData(settings, hearing: signals) {
        case .success(let opening): return run(settings, source, opening, signals, &log)
        case .failure(let error):
            log.error("data_unusable") { line in
                line.add("directory", settings.data)
                line.add("reason", error.reason)
                line.add("fix", error.fix)
            }
            return error.isDamage ? .damage : .failure
        case nil:
            log.info("stopped") { line in line.add("during", "start") }
            return .success
        }
    } catch {
        log.error("cannot_start") { line in line.add("reason", error.description) }
        return .failure
    }
}

private func run(
    _ settings: ServeSettings, _ source: SettingsSource, _ opening: StorageOpening<DiskPlace>,
    _ signals: consuming Signals, _ log: inout Log
) -> ExitCode {
    guard let descriptors = descriptors(for: settings, opening, &log) else { return .failure }
    var opening = opening
    opening.settings.shardLimits.openFilesMax = descriptors.openFilesMax
    do throws(KernelError) {
        var broker = try Broker(
            settings, source: source, opening: opening, descriptors: descriptors,
            signals: signals, log: Log(log.settings))
        return try broker.run()
    } catch {
        log.error("cannot_serve") { line in
            line.add("address", settings.listen.description)
            line.add("reason", error.description)
            if let fix = addressFix(error) { line.add("fix", fix) }
        }
        return .failure
    }
}

/// Raises the limit of descriptors and divides them; nil, and said why, if they are too few.
private func descriptors(
    for settings: ServeSettings, _ opening: StorageOpening<DiskPlace>, _ log: inout Log
) -> DescriptorPlan? {
    let (loops, shards) = (settings.loopCount, Int(opening.cookie.shardCount))
    let total = Machine.raiseDescriptorLimit()
    let plan = DescriptorPlan(total: total, loops: loops, shards: shards)
    if plan.connectionsMax < 1 {
        let totalMin = DescriptorPlan.totalMin(loops: loops, shards: shards)
        log.error("descriptors_too_few") { line in
            line.add("limit", total)
            line.add("fix", "raise 'ulimit -n' to at least \(totalMin)")
        }
        return nil
    }
    if settings.maxConnections > plan.connectionsMax {
        log.warn("connections_limited") { line in
            line.add("max_connections", settings.maxConnections)
            line.add("possible", plan.connectionsMax)
            line.add("fix", "raise 'ulimit -n' above \(total), or lower --max-connections")
        }
    }
    return plan
}

private func directoryFix(_ error: KernelError) -> String {
    if error.isNotDirectory { return "a part of this path is a file: give --data a directory" }
    if error.isDenied { return "let this user write there, or give --data another directory" }
    return "give --data another directory"
}

private func addressFix(_ error: KernelError) -> String? {
    if error.isAddressInUse { return "stop what listens there, or give --listen another port" }
    if error.isAddressElsewhere { return "give --listen an address that this machine has" }
    if error.isDenied { return "give --listen a port above 1023, or this user the right to it" }
    if error.isExhausted { return "give --loops a smaller number, or raise 'ulimit -n'" }
    return nil
}

extension ServeSettings {
    var format: Telemetry.LogFormat {
        switch logFormat {
        case .logfmt: .logfmt
        case .json: .json
        }
    }

    var level: LogLevel {
        switch logLevel {
        case .error: .error
        case .warn: .warn
        case .info: .info
        case .debug: .debug
        }
    }

    var storage: StorageSettings {
        let rules = TopicRules(
            defaults: TopicDefaults(partitions: partitions), shardCount: max(1, shards))
        var storage = StorageSettings(shards: shards, topics: rules)
        storage.diskMarks.filling = diskWarnAt
        storage.diskMarks.full = diskFullAt
        storage.diskMarks.scarce = diskScarceAt
        storage.flushes =
            switch flush {
            case .auto: .auto
            case .inline: .inline
            case .thread: .thread
            }
        // Segments are whole blocks.
        storage.shardLimits.segmentCapacity = segmentSize / 4_096 * 4_096
        return storage
    }

    var loopCount: Int { loops == 0 ? Machine.coreCount() : loops }

    /// What the gateway needs of all this, where it gets what `descriptors` has for it.
    func gateway(_ descriptors: DescriptorPlan) -> GatewaySettings {
        var gateway = GatewaySettings()
        gateway.limits.bodySizeMax = maxBody
        gateway.timeouts.header = headerTimeout.milliseconds
        gateway.timeouts.window = bodyTimeout.milliseconds
        gateway.timeouts.idle = idleTimeout.milliseconds
        gateway.timeouts.write = writeTimeout.milliseconds
        gateway.timeouts.rateMin = minBodyRate
        gateway.connectionsMax = min(
            descriptors.connectionsMax, maxConnections == 0 ? .max : maxConnections)
        gateway.turnedAwayMax = descriptors.turnedAwayMax
        gateway.connectionsPerAddressMax = maxConnectionsPerAddress
        gateway.createsTopics = autoCreate
        gateway.publishTimeout = publishTimeout.milliseconds
        gateway.corsOrigins = corsOrigins
        gateway.logsAccess = accessLog
        return gateway
    }
}

/// The two clocks as they are.
func currentMoment() -> CommitLog.Moment {
    CommitLog.Moment(wall: Int(WallClock.now()), boot: Int(BootClock.nanoseconds() / 1_000_000))
}
