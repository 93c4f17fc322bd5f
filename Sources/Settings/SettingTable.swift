// The table of settings, in the order in which help texts show them.
//
// A name may not start with `port` or `service-`: Kubernetes sets variables of these names
// for a Service called posthorn (see EnvironmentParser.swift).

extension Setting {
    package static let all: [Setting] = [
        basics, storing, guards, timing, inquiry, load,
    ].flatMap(\.self)

    package static func named(_ name: String) -> Setting? { all.first { $0.name == name } }

    /// The command whose flag `word` is, such as `--listen` or `--listen=x`.
    package static func owner(of word: String) -> Command? {
        guard word.hasPrefix("--") else { return nil }
        return named(String(word.dropFirst(2).prefix { $0 != "=" }))?.commands.first
    }

    package static func of(_ command: Command) -> [Setting] {
        all.filter { $0.commands.contains(command) }
    }

    private static let basics = [
        listen, data, loops, shards, segmentSize, flush, diskWarnAt, diskFullAt, diskScarceAt,
        partitions,
        config, logLevel, logFormat,
        accessLog,
        allowAnonymous, corsOrigins,
    ]
    private static let storing = [autoCreate, publishTimeout]
    private static let guards = [maxConnections, maxConnectionsPerAddress, maxBody, minBodyRate]
    private static let timing = [
        headerTimeout, bodyTimeout, idleTimeout, writeTimeout, drainWindow, drainTimeout,
    ]
    private static let inquiry = [url, timeout, json]
}

extension Setting {
    static let listen = Setting(
        "listen", .listenAddress, default: "127.0.0.1:8080", "The address to listen on.",
        doc: """
            The host is a numeric IPv4 address, an IPv6 address in brackets, or `localhost`. Port 0 \
            picks a free one; the line `listening address=HOST:PORT` on standard error says which. \
            Any address but loopback needs `allow-anonymous`, because there is no other way to \
            decide who may come in.
            """)

    static let data = Setting(
        "data", .path, default: "./data", "The directory that holds all data.",
        doc: """
            A broker makes it if it is not there. Two brokers never share one. For `posthorn check` \
            the directory may also stand without a flag: `posthorn check ./data`.
            """, for: [.serve, .check])

    static let loops = Setting(
        "loops", .count(0...256), default: "0", "Threads that serve connections; 0 is one a core.",
        doc: """
            The cores that count are those that the process may run on, or fewer where the CPU quota \
            of its container is worth fewer.
            """)

    static let shards = Setting(
        "shards", .count(0...1_024), default: "0",
        "Logs to spread messages over; 0 keeps them, or 2 at first.",
        doc: """
            Each is flushed on its own. More can be added at a restart, and new partitions go there, \
            too; fewer than the data has are refused.
            """)

    static let flush = Setting(
        "flush", .choice(FlushName.allCases.map(\.rawValue)), default: "auto",
        "Who flushes a log: its loop, or a thread.",
        doc: """
            On a fast disk (`inline`) nothing is quicker than the loop itself, in its turn. On one that \
            takes more than a millisecond a flush (`thread`), a thread of the log lets the loop go on \
            with all else meanwhile. `auto` goes by how long the latest flushes took.
            """)

    static let segmentSize = Setting(
        "segment-size", .size(32 << 20...1 << 30), default: "64MiB",
        "The size of the files that a log is made of.",
        doc: """
            A log has one made ahead, and retention gives back whole ones. It goes for those that are \
            made from now on.
            """)

    static let diskWarnAt = Setting(
        "disk-warn-at", .count(1...100), default: "85",
        "How full the disk may be, in percent, before it warns.",
        doc: """
            Of the file system that holds the data, as `df` shows it. From here on segments that \
            nobody needs give back their room sooner, and the log has a warning; 100 is never.
            """)

    static let diskFullAt = Setting(
        "disk-full-at", .count(1...100), default: "92",
        "How full the disk may be, in percent, to publish.",
        doc: """
            Beyond it publishes are answered with 507 and nothing is stored, while reads, acks and \
            deletes go on; a little below it publishes go on by themselves. At least `disk-warn-at`.
            """)

    static let diskScarceAt = Setting(
        "disk-scarce-at", .count(1...100), default: "97",
        "How full the disk may be, in percent, to rewrite files.",
        doc: """
            Rewriting a file of which little is wanted gives room back, but needs some first. At \
            least `disk-full-at`.
            """)

    static let partitions = Setting(
        "partitions", .count(1...256), default: "4",
        "Partitions of a topic that names no number.",
        doc: "Each is an ordered log. More can be added to a topic later, but none taken away.")

    static let config = Setting(
        "config", .path, default: "", "A file with more settings.",
        doc: "Flags and variables win over it. SIGHUP reads it again.")

    static let logLevel = Setting(
        "log-level", .choice(LogLevelName.allCases.map(\.rawValue)), default: "info",
        "The least that matters enough to be logged.",
        doc: "Each level shows itself and everything worse.", isReread: true)

    static let logFormat = Setting(
        "log-format", .choice(LogFormatName.allCases.map(\.rawValue)), default: "logfmt",
        "How log lines on standard error look.",
        doc: "Both have the same fields: `time`, `level`, `msg`, and what belongs to the event.")

    static let accessLog = Setting(
        "access-log", .flag, default: "off", "Log a line for every request.",
        doc: "The lines have the level `info`.", isReread: true)

    static let allowAnonymous = Setting(
        "allow-anonymous", .flag, default: "off", "Let everyone in who can reach the address.",
        doc: """
            Needed to listen on anything but loopback. Say it only where something in front, such \
            as a network policy or a proxy, decides who can reach the port.
            """)

    static let corsOrigins = Setting(
        "cors-origins", .origins, default: "", "Web pages that may call from a browser.",
        doc: """
            Exact origins such as `https://app.example.org`, separated by commas, or `*` for any. \
            Empty turns cross-origin answers off.
            """, isReread: true)
}

extension Setting {
    static let autoCreate = Setting(
        "auto-create", .flag, default: "on", "Let the first publish to a topic make it.",
        doc: "Where it is off, a topic that nobody made is answered with 404.", isReread: true)

    static let publishTimeout = Setting(
        "publish-timeout", .duration(.milliseconds(100) ... .seconds(600)), default: "10s",
        "How long a publish may wait for its confirmation.",
        doc: """
            Then it is answered with 504, and nobody knows whether it was stored: repeat it with the \
            same Idempotency-Key.
            """, isReread: true)
}

extension Setting {
    static let maxConnections = Setting(
        "max-connections", .count(0...1_000_000), default: "0",
        "The most connections; 0 is what descriptors allow.",
        doc: """
            The limit of open descriptors is raised as far as the system lets it, and a share is \
            kept for files. Connections above the limit are answered with 503 and closed.
            """)

    static let maxConnectionsPerAddress = Setting(
        "max-connections-per-address", .count(0...1_000_000), default: "0",
        "The most connections from one address; 0 is no limit.",
        doc: "There is no limit by default: behind a load balancer all come from one address.",
        isReread: true)

    static let maxBody = Setting(
        "max-body", .size(1 << 10...1 << 30), default: "8MiB", "The largest request body.",
        doc: "It holds for the body as it travels and again after it is decompressed.",
        isReread: true)

    static let minBodyRate = Setting(
        "min-body-rate", .size(1...1 << 30), default: "1KiB",
        "The bytes a second that a body has to bring.",
        doc: "A slower sender is answered with 408.",
        isReread: true)

    static let headerTimeout = Setting(
        "header-timeout", .duration(shortest ... .seconds(3_600)), default: "10s",
        "The time for a request's head, from its first byte.",
        doc: "It holds for the whole head, so a head that dribbles in gains nothing.",
        isReread: true)

    static let bodyTimeout = Setting(
        "body-timeout", .duration(shortest ... .seconds(3_600)), default: "10s",
        "The window over which `min-body-rate` is measured.",
        doc: "A large body may take longer than this, as long as it keeps coming.",
        isReread: true)

    static let idleTimeout = Setting(
        "idle-timeout", .duration(shortest ... .seconds(86_400)), default: "75s",
        "How long a connection may wait for its next request.",
        doc: "Longer than what common proxies keep, so that they close first and lose no request.",
        isReread: true)

    static let writeTimeout = Setting(
        "write-timeout", .duration(shortest ... .seconds(3_600)), default: "30s",
        "How long an answer may wait for its reader.",
        doc: "The time starts again with each byte that the reader takes.", isReread: true)

    static let drainWindow = Setting(
        "drain-window", .duration(.zero ... .seconds(600)), default: "3s",
        "How long SIGTERM only fails readiness.",
        doc: """
            `/readyz` fails at once while requests are still served, so that load balancers look \
            away before anything is refused. SIGINT skips it. At most `drain-timeout`.
            """)

    static let drainTimeout = Setting(
        "drain-timeout", .duration(.zero ... .seconds(3_600)), default: "30s",
        "The longest that a drain may take.",
        doc: "Counted from the signal. What is still open then is closed, and the process ends.")

    /// Below this, timers and not clients would decide.
    private static let shortest = Duration.milliseconds(10)
}

extension Setting {
    static let url = Setting(
        "url", .url, default: "http://127.0.0.1:8080", "The broker to ask.",
        doc: """
            The host is a name or a numeric address; a missing port is 80. There is no TLS, so \
            `https` is refused.
            """, for: [.doctor, .bench])

    static let timeout = Setting(
        "timeout", .duration(.milliseconds(10) ... .seconds(3_600)), default: "5s",
        "How long all of it may take.",
        doc:
            "Finding the name, connecting and every answer. A broker that takes longer is not well.",
        for: [.doctor])

    static let json = Setting(
        "json", .flag, default: "off", "Answer in JSON.", doc: "One object on one line.",
        for: [.doctor, .check, .bench, .version])
}
