import Bytes
package import CommitLog

/// What a check of a data directory found.
package struct DataCheckReport: Sendable {
    package struct Log: Sendable {
        package let name: LogName
        package let report: CheckReport
    }

    package internal(set) var logs: [Log] = []
    package internal(set) var findings: [CheckFinding] = []
    /// Problems, listed or not.
    package internal(set) var problemCount = 0
    package internal(set) var topics = 0
    package internal(set) var groups = 0
    /// Parts of batches that span shards and wait for a decision; a start asks for it.
    package internal(set) var undecided = 0

    package var isSound: Bool { !findings.contains(where: \.isDamage) }

    mutating func note(_ finding: CheckFinding) {
        findings.append(finding)
        problemCount += 1
    }
}

extension DataCheckReport {
    /// For people, each line ended by a line feed.
    package func text(of directory: String) -> String {
        var text = ""
        for log in logs { text += log.line + "\n" }
        for finding in findings {
            text += finding.isDamage ? "DAMAGE " : "note   "
            text += finding.log.map { "\($0)" } ?? directory
            text += finding.position.map { " at \($0)" } ?? ""
            text += ": \(finding.message)\n"
        }
        if problemCount > findings.count {
            text += "and \(problemCount - findings.count) more of these.\n"
        }
        let damage = findings.count(where: \.isDamage)
        let verdict =
            damage == 0
            ? "is sound" : "is damaged in \(damage) \(damage == 1 ? "place" : "places")"
        return text + "\(directory) \(verdict): \(totals).\n"
    }

    /// For programs: one object on one line.
    package func json(of directory: String) -> String {
        var json = JSONWriter()
        json.beginObject()
        json.member("directory", directory)
        json.member("sound", isSound)
        json.member("problems", problemCount)
        json.member("topics", topics)
        json.member("groups", groups)
        json.member("undecided_parts", undecided)
        json.key("logs")
        json.beginArray()
        for log in logs { log.write(to: &json) }
        json.endArray()
        json.key("findings")
        json.beginArray()
        for finding in findings { finding.write(to: &json) }
        json.endArray()
        json.endObject()
        json.endLine()
        return String(decoding: json.finish(), as: UTF8.self)
    }

    private var totals: String {
        func sum(_ part: (CheckReport) -> Int) -> Int { logs.reduce(0) { $0 + part($1.report) } }
        return
            "\(topics) topics, \(groups) groups, \(sum(\.segments)) segments, \(sum(\.frames)) frames, "
            + "\(sum(\.entries)) entries, \(sum(\.records)) records, \(sum(\.payloadBytes)) bytes"
    }
}

extension DataCheckReport.Log {
    fileprivate var line: String {
        let tail = report.isTorn ? ", with a torn tail" : ""
        let leftovers = report.leftovers.isEmpty ? "" : ", \(report.leftovers.count) left over"
        return "\(name): \(report.segments) segments\(leftovers), \(report.frames) frames, "
            + "\(report.entries) entries, \(report.indexFiles) indexes, "
            + "\(report.checkpoints) checkpoints; ends at \(report.end)\(tail)"
    }

    fileprivate func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("log", name.description)
        json.member("segments", report.segments)
        json.member("archives", report.archives)
        json.member("leftovers", report.leftovers.count)
        json.member("frames", report.frames)
        json.member("entries", report.entries)
        json.member("records", report.records)
        json.member("bytes", report.payloadBytes)
        json.member("indexes", report.indexFiles)
        json.member("checkpoints", report.checkpoints)
        json.member("end", report.end)
        json.member("torn_tail", report.isTorn)
        json.endObject()
    }
}

extension CheckFinding {
    fileprivate func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("log", log?.description)
        json.member("kind", kind)
        json.member("position", position)
        json.member("damage", isDamage)
        json.member("message", message)
        json.endObject()
    }
}
