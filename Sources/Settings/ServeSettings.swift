package enum LogLevelName: String, CaseIterable, Sendable { case error, warn, info, debug }

package enum LogFormatName: String, CaseIterable, Sendable { case logfmt, json }

package enum FlushName: String, CaseIterable, Sendable { case auto, inline, thread }

/// Everything that `posthorn serve` can be told.
package struct ServeSettings: Equatable, Sendable {
    package let listen: ListenAddress
    package let data: String
    /// 0 is one a core.
    package let loops: Int
    /// 0 is as many as the data has.
    package let shards: Int
    package let segmentSize: Int
    package let flush: FlushName
    /// In percent.
    package let diskWarnAt: Int
    package let diskFullAt: Int
    package let diskScarceAt: Int
    package let partitions: Int
    package let logLevel: LogLevelName
    package let logFormat: LogFormatName
    package let accessLog: Bool
    package let allowAnonymous: Bool
    /// Empty is off; `["*"]` is any.
    package let corsOrigins: [String]
    package let autoCreate: Bool
    package let publishTimeout: Duration
    /// 0 is what the descriptor limit allows.
    package let maxConnections: Int
    /// 0 is no limit.
    package let maxConnectionsPerAddress: Int
    package let maxBody: Int
    /// Bytes a second.
    package let minBodyRate: Int
    package let headerTimeout: Duration
    package let bodyTimeout: Duration
    package let idleTimeout: Duration
    package let writeTimeout: Duration
    package let drainWindow: Duration
    package let drainTimeout: Duration
    private let raw: RawSettings

    package init(_ raw: RawSettings) throws(SettingsError) {
        listen = raw.address(.listen)
        data = raw.text(.data)
        loops = raw.number(.loops)
        shards = raw.number(.shards)
        segmentSize = raw.number(.segmentSize)
        flush = raw.choice(.flush)
        diskWarnAt = raw.number(.diskWarnAt)
        diskFullAt = raw.number(.diskFullAt)
        diskScarceAt = raw.number(.diskScarceAt)
        partitions = raw.number(.partitions)
        logLevel = raw.choice(.logLevel)
        logFormat = raw.choice(.logFormat)
        accessLog = raw.flag(.accessLog)
        allowAnonymous = raw.flag(.allowAnonymous)
        corsOrigins = raw.list(.corsOrigins)
        autoCreate = raw.flag(.autoCreate)
        publishTimeout = raw.duration(.publishTimeout)
        maxConnections = raw.number(.maxConnections)
        maxConnectionsPerAddress = raw.number(.maxConnectionsPerAddress)
        maxBody = raw.number(.maxBody)
        minBodyRate = raw.number(.minBodyRate)
        headerTimeout = raw.duration(.headerTimeout)
        bodyTimeout = raw.duration(.bodyTimeout)
        idleTimeout = raw.duration(.idleTimeout)
        writeTimeout = raw.duration(.writeTimeout)
        drainWindow = raw.duration(.drainWindow)
        drainTimeout = raw.duration(.drainTimeout)
        self.raw = raw
        try checkTogether()
    }

    /// These settings with what SIGHUP may change as `fresh` has it, and the names of settings that
    /// differ in `fresh` but need a restart.
    package func reread(
        from fresh: ServeSettings
    ) throws(SettingsError) -> (settings: ServeSettings, needRestart: [String]) {
        let fixed = Setting.of(.serve).filter { !$0.isReread }
        let changed = fixed.filter { raw.value($0) != fresh.raw.value($0) }
        return (try ServeSettings(raw.reread(from: fresh.raw)), changed.map(\.name))
    }

    private func checkTogether() throws(SettingsError) {
        guard diskWarnAt <= diskFullAt, diskFullAt <= diskScarceAt else {
            throw .diskMarksOutOfOrder(diskWarnAt, diskFullAt, diskScarceAt)
        }
        if !listen.isLoopback && !allowAnonymous { throw .needsAuthentication(listen) }
        if drainWindow > drainTimeout {
            throw .drainWindowTooLong(window: drainWindow, timeout: drainTimeout)
        }
    }
}

/// Everything that `posthorn doctor` can be told.
package struct DoctorSettings: Equatable, Sendable {
    package let url: ServerURL
    package let timeout: Duration
    package let json: Bool

    package init(_ raw: RawSettings) {
        url = raw.url(.url)
        timeout = raw.duration(.timeout)
        json = raw.flag(.json)
    }
}

/// Everything that `posthorn check` can be told.
package struct CheckSettings: Equatable, Sendable {
    package let data: String
    package let json: Bool

    package init(_ raw: RawSettings) {
        data = raw.text(.data)
        json = raw.flag(.json)
    }
}

/// Everything that `posthorn version` can be told.
package struct VersionSettings: Equatable, Sendable {
    package let json: Bool

    package init(_ raw: RawSettings) { json = raw.flag(.json) }
}
