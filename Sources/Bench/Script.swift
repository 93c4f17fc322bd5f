import HTTP
import Settings

/// What the connections of a thread ask for, one request after another, and what came of it.
struct Script: ~Copyable {
    private enum Plan {
        case inTurns(RequestSet)
        case following(ReadPlan)
        case working(WorkPlan)
    }

    private let plan: Plan
    private var counter: PageCounter
    /// The next request of the set, or the first topic or group that a connection of this thread has.
    private var next: Int
    /// Where each reader goes on, or what each consumer has to settle; empty where it begins.
    private var places: [[UInt8]]

    /// A script for so many connections; `first` is the number of the first of them.
    init(_ script: BenchScript, connections: Int, first: Int) {
        switch script {
        case .inTurns(let set):
            plan = .inTurns(set)
            counter = PageCounter(.json)
        case .following(let read):
            plan = .following(read)
            counter = PageCounter(read.format)
        case .working(let work):
            plan = .working(work)
            counter = PageCounter(work.format)
        }
        next = first
        places = Array(repeating: [], count: connections)
    }

    /// Has connection `index` ask for what is next.
    mutating func ask(_ index: Int, _ connection: BenchConnection, at now: UInt64) {
        switch plan {
        case .inTurns(let set):
            let request = set.requests[next % set.requests.count]
            next += 1
            connection.ask(at: now) { $0 = request }
        case .following(let read):
            let (topic, cursor) = (next + index, places[index])
            connection.ask(at: now) { read.write(topic: topic, after: cursor, to: &$0) }
        case .working(let work):
            let (group, receipt) = (next + index, places[index])
            connection.ask(at: now) { work.write(group: group, settling: receipt, to: &$0) }
        }
    }

    /// What a good answer to connection `index` was about; nil if it makes no sense.
    mutating func take(_ index: Int, _ connection: BenchConnection) -> PageCounter.Count? {
        switch plan {
        case .inTurns(let set): return PageCounter.Count(messages: set.messages)
        case .following(let read):
            guard let next = connection.field(ReadPlan.nextField),
                let ended = connection.field(ReadPlan.endedField)
            else { return nil }
            places[index].removeAll(keepingCapacity: true)
            let isAtEnd = ended.elementsEqual("data".utf8)
            if !(isAtEnd && read.isCircular) { places[index].append(contentsOf: next) }
            return counter.count(connection.body)
        case .working:
            guard let count = counter.count(connection.body) else { return nil }
            places[index].removeAll(keepingCapacity: true)
            places[index].append(contentsOf: connection.body[count.receipt])
            return count
        }
    }

    /// Whether a connection that was given nothing has done all that it is there for.
    var endsWithNothing: Bool { if case .working = plan { true } else { false } }
}

/// What a script is made of, for all threads.
enum BenchScript: Sendable {
    case inTurns(RequestSet)
    case following(ReadPlan)
    case working(WorkPlan)

    init(_ settings: BenchSettings) throws(HTTPError) {
        switch settings.workload {
        case .publish, .static, .park: self = .inTurns(try RequestSet(settings))
        case .read:
            let wait: Duration? = settings.from == .latest ? .seconds(20) : nil
            self = .following(try ReadPlan(settings, from: settings.from, wait: wait))
        case .work: self = .working(try WorkPlan(settings, wait: nil))
        }
    }

    var readsBodies: Bool { if case .inTurns = self { false } else { true } }
}
