// The Prometheus text format, version 0.0.4. A family is announced once, with HELP and TYPE, and
// its samples follow; the order and the names are ours, so a mistake in them is a precondition.

internal import Bytes

package enum FamilyKind: String, Sendable { case counter, gauge, histogram }

/// A page of metrics in the making.
package struct Exposition: ~Copyable {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    package typealias Labels = KeyValuePairs<String, String>

    private var bytes: [UInt8] = []
    private var names: Set<String> = []
    private var name = ""
    private var kind = FamilyKind.gauge

    package init() {}

    package consuming func finish() -> [UInt8] { bytes }

    /// Starts a family; the samples that follow are its own.
    package mutating func family(_ name: String, _ kind: FamilyKind, _ help: String) {
        precondition(name.isMetricName, "\(name) is no metric name")
        precondition((kind == .counter) == name.hasSuffix("_total"), "\(name) is not a \(kind)")
        precondition(names.insert(name).inserted, "\(name) is there twice")
        (self.name, self.kind) = (name, kind)
        bytes.append("# HELP \(name) ")
        bytes.append(help: help)
        bytes.append("\n# TYPE \(name) \(kind.rawValue)\n")
    }

    package mutating func sample(_ value: UInt64, _ labels: Labels = [:]) {
        begin(labels)
        bytes.append(decimal: value)
        bytes.append(.lf)
    }

    package mutating func sample(_ value: Int64, _ labels: Labels = [:]) {
        begin(labels)
        bytes.append(decimal: value)
        bytes.append(.lf)
    }

    /// Writes a sample in seconds, the base unit, with all digits of its nanoseconds.
    package mutating func sample(nanoseconds: UInt64, _ labels: Labels = [:]) {
        begin(labels)
        bytes.append(seconds: nanoseconds)
        bytes.append(.lf)
    }

    /// Writes the cumulative buckets, the sum and the count of a histogram.
    package mutating func samples(_ histogram: HistogramSum, _ labels: Labels = [:]) {
        precondition(kind == .histogram, "\(name) is a \(kind)")
        var total: UInt64 = 0
        for (index, end) in histogram.bounds.nanoseconds.enumerated() {
            total &+= histogram.counts[index]
            appendBucket(labels, end: end, total)
        }
        appendBucket(labels, end: nil, histogram.count)
        appendName("_sum", labels)
        bytes.append(seconds: histogram.nanoseconds)
        bytes.append(.lf)
        appendName("_count", labels)
        bytes.append(decimal: histogram.count)
        bytes.append(.lf)
    }

    private mutating func begin(_ labels: Labels) {
        precondition(kind != .histogram, "\(name) is a histogram")
        appendName("", labels)
    }

    private mutating func appendBucket(_ labels: Labels, end: UInt64?, _ count: UInt64) {
        appendName("_bucket", labels, hasMore: true)
        bytes.append("le=\"")
        if let end { bytes.append(seconds: end) } else { bytes.append("+Inf") }
        bytes.append("\"} ")
        bytes.append(decimal: count)
        bytes.append(.lf)
    }

    private mutating func appendName(_ suffix: String, _ labels: Labels, hasMore: Bool = false) {
        precondition(!name.isEmpty, "a sample has a family")
        bytes.append(name)
        bytes.append(suffix)
        if labels.isEmpty && !hasMore { return bytes.append(.space) }
        bytes.append(UInt8(ascii: "{"))
        for (index, label) in labels.enumerated() {
            precondition(label.key.isLabelName, "\(label.key) is no label name")
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(label.key)
            bytes.append("=\"")
            bytes.append(labelValue: label.value)
            bytes.append(.quote)
        }
        if hasMore {
            if !labels.isEmpty { bytes.append(UInt8(ascii: ",")) }
        } else {
            bytes.append("} ")
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(help text: String) {
        for byte in text.utf8 { append(escaping: byte, quotes: false) }
    }

    fileprivate mutating func append(labelValue text: String) {
        for byte in text.utf8 { append(escaping: byte, quotes: true) }
    }

    private mutating func append(escaping byte: UInt8, quotes: Bool) {
        switch byte {
        case .backslash: append("\\\\")
        case .lf: append("\\n")
        case .quote where quotes: append("\\\"")
        default: append(byte)
        }
    }

    /// Appends nanoseconds as seconds, exactly and without trailing zeros.
    fileprivate mutating func append(seconds nanoseconds: UInt64) {
        append(decimal: nanoseconds / 1_000_000_000)
        let rest = nanoseconds % 1_000_000_000
        if rest == 0 { return }
        append(UInt8(ascii: "."))
        append(decimal: rest, digits: 9)
        while last == UInt8(ascii: "0") { removeLast() }
    }
}

extension String {
    /// Stricter than Prometheus: no colons, which belong to recording rules, and no capitals.
    fileprivate var isMetricName: Bool {
        utf8.allSatisfy { $0.isDigit || $0 == UInt8(ascii: "_") || ($0.isLetter && $0 & 0x20 != 0) }
            && utf8.first?.isDigit == false
    }

    fileprivate var isLabelName: Bool { isMetricName && !hasPrefix("__") && self != "le" }
}
