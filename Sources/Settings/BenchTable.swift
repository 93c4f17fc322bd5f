// What `posthorn bench` can be told.

extension Setting {
    static let load = [
        workload, connections, threads, duration, body, batch, format, topic, topics, group, groups,
        keys,
        durability, from, page, pause, path,
    ]

    static let workload = Setting(
        "workload", .choice(BenchWorkload.allCases.map(\.rawValue)), default: "publish",
        "What to ask for.",
        doc: """
            It may stand without a flag: `posthorn bench static`. `publish` publishes. `read` reads \
            topics page by page, each connection for itself. `park` has every connection wait for the \
            next message of one topic, publishes one, and begins again when all have it. `work` \
            pulls what there is as a group, and settles it inside of the next pull, until nothing is \
            left. `static` gets an answer that is always the same: what the client and the network can reach at \
            all. A rate as a share of that is what to compare.
            """, for: [.bench])

    static let connections = Setting(
        "connections", .count(1...100_000), default: "64",
        "Connections, each with one request out.",
        doc: "They are opened, and each asks once, before the clock runs.", for: [.bench])

    static let threads = Setting(
        "threads", .count(1...64), default: "1", "Threads that share the connections.",
        doc: """
            More help where the report says that the client kept its core busy. `park` has one.
            """, for: [.bench])

    static let duration = Setting(
        "duration", .duration(.milliseconds(100) ... .seconds(3_600)), default: "5s",
        "How long to measure.", doc: "Answers that come later do not count.", for: [.bench])

    static let body = Setting(
        "body", .size(0...8 << 20), default: "256", "The size of a message.",
        doc: "Letters by chance: a fourth part can be compressed away, no more.", for: [.bench])

    static let batch = Setting(
        "batch", .count(1...1_000), default: "1", "Messages in a request.",
        doc: "One is published alone, more as a batch in the format.", for: [.bench])

    static let format = Setting(
        "format", .choice(BenchFormat.allCases.map(\.rawValue)), default: "json",
        "How batches are sent and pages read.",
        doc: """
            `ndjson` is one message a line, `binary` the frames of docs/binary-batches.md, `stored` \
            batches as they rest. Lines that are published are strings of JSON, and have no key.
            """, for: [.bench])

    static let from = Setting(
        "from", .choice(BenchStart.allCases.map(\.rawValue)), default: "earliest",
        "Where `read` begins.",
        doc: """
            From the `earliest` on it reads to the end and begins again; from the `latest` on it \
            waits for what others publish meanwhile.
            """, for: [.bench])

    static let page = Setting(
        "page", .count(1...1_000), default: "1000", "Messages of a page that is read.",
        doc: "A server may give fewer.", for: [.bench])

    static let pause = Setting(
        "pause", .duration(.zero ... .seconds(10)), default: "100ms",
        "How long readers park before a publish.",
        doc: "From when all of them have asked, in `park`.", for: [.bench])

    static let topic = Setting(
        "topic", .path, default: "bench", "How the names of the topics begin.",
        doc: "Behind it stand a dash and a number from 0 on.", for: [.bench])

    static let topics = Setting(
        "topics", .count(1...10_000), default: "1", "Topics that are published to in turns.",
        doc: "They are made by the first publish, and stay. A pull names 64 of them at most.",
        for: [.bench])

    static let group = Setting(
        "group", .path, default: "bench", "How the names of the groups begin.",
        doc: "Behind it stand a dash and a number from 0 on.", for: [.bench])

    static let groups = Setting(
        "groups", .count(0...10_000), default: "0",
        "Groups that connections work for in turns.",
        doc: """
            They are made by the first pull, and stay. `work` has one at least. With any, those \
            that `park` pull, and a message is for one of each group.
            """, for: [.bench])

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
