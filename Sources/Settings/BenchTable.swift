// What `posthorn bench` can be told.

extension Setting {
    static let load = [
        workload, connections, threads, duration, body, batch, topic, topics, keys, durability,
        path,
    ]

    static let workload = Setting(
        "workload", .choice(BenchWorkload.allCases.map(\.rawValue)), default: "publish",
        "What to ask for.",
        doc: """
            It may stand without a flag: `posthorn bench static`. `publish` publishes, `static` gets \
            an answer that is always the same: what the client and the network can reach at all. \
            The one as a share of the other is what to compare.
            """, for: [.bench])

    static let connections = Setting(
        "connections", .count(1...100_000), default: "64",
        "Connections, each with one request out.",
        doc: "They are opened, and each asks once, before the clock runs.", for: [.bench])

    static let threads = Setting(
        "threads", .count(1...64), default: "1", "Threads that share the connections.",
        doc: "More help where the report says that the client kept its core busy.", for: [.bench])

    static let duration = Setting(
        "duration", .duration(.milliseconds(100) ... .seconds(3_600)), default: "5s",
        "How long to measure.", doc: "Answers that come later do not count.", for: [.bench])

    static let body = Setting(
        "body", .size(0...8 << 20), default: "256", "The size of a message.",
        doc: "Letters that hardly compress.", for: [.bench])

    static let batch = Setting(
        "batch", .count(1...1_000), default: "1", "Messages in a request.",
        doc: "One is published alone, more as a JSON batch.", for: [.bench])

    static let topic = Setting(
        "topic", .path, default: "bench", "How the names of the topics begin.",
        doc: "Behind it stand a dash and a number from 0 on.", for: [.bench])

    static let topics = Setting(
        "topics", .count(1...10_000), default: "1", "Topics that are published to in turns.",
        doc: "They are made by the first publish, and stay.", for: [.bench])

    static let keys = Setting(
        "keys", .count(0...1_000_000), default: "0", "Keys that are used in turns; 0 is none.",
        doc: "More than 16384 of keys and topics share the requests of those.", for: [.bench])

    static let durability = Setting(
        "durability", .choice(BenchDurability.allCases.map(\.rawValue)), default: "topic",
        "When a publish is answered.", doc: "`topic` leaves it to the topic.", for: [.bench])

    static let path = Setting(
        "path", .path, default: "/healthz", "What `static` gets.",
        doc: "A path of the server, with a query if need be.", for: [.bench])
}
