package enum BenchWorkload: String, CaseIterable, Sendable {
    case publish, read, park, work, `static`
}

/// The forms that batches are sent in, and pages asked for.
package enum BenchFormat: String, CaseIterable, Sendable { case json, ndjson, binary, stored }

/// Where readers begin.
package enum BenchStart: String, CaseIterable, Sendable { case earliest, latest }

package enum BenchDurability: String, CaseIterable, Sendable {
    case topic, replicated, flushed, buffered

    /// What a request says; nothing where the topic decides.
    package var sent: String? { self == .topic ? nil : rawValue }
}

/// Everything that `posthorn bench` can be told.
package struct BenchSettings: Equatable, Sendable {
    package let workload: BenchWorkload
    package let url: ServerURL
    package let connections: Int
    package let threads: Int
    package let duration: Duration
    package let body: Int
    package let batch: Int
    package let format: BenchFormat
    package let from: BenchStart
    package let page: Int
    package let pause: Duration
    package let topic: String
    package let topics: Int
    package let group: String
    package let groups: Int
    package let keys: Int
    package let durability: BenchDurability
    package let path: String
    package let json: Bool

    package init(_ raw: RawSettings) {
        workload = raw.choice(.workload)
        url = raw.url(.url)
        connections = raw.number(.connections)
        threads = raw.number(.threads)
        duration = raw.duration(.duration)
        body = raw.number(.body)
        batch = raw.number(.batch)
        format = raw.choice(.format)
        from = raw.choice(.from)
        page = raw.number(.page)
        pause = raw.duration(.pause)
        topic = raw.text(.topic)
        topics = raw.number(.topics)
        group = raw.text(.group)
        groups = raw.number(.groups)
        keys = raw.number(.keys)
        durability = raw.choice(.durability)
        path = raw.text(.path)
        json = raw.flag(.json)
    }
}
