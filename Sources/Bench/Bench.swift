// `posthorn bench`: a load on a running server, and what came of it.

import Bytes
import HTTP
import Kernel
import Reactor
package import Settings

/// Why a bench did not run.
package enum BenchFailure: Error, Equatable, Sendable {
    case noAddress(reason: String)
    case badRequest
    case kernel(reason: String)
}

/// Runs the whole of it; `progress` hears of the answers so far, some times a second.
package func runBench(
    _ settings: BenchSettings, progress: (_ answers: Int) -> Void
) throws(BenchFailure) -> BenchResult {
    let address = try address(of: settings.url)
    _ = Machine.raiseDescriptorLimit()
    let cpu = ProcessStatus.now().cpuNanoseconds
    let tally =
        settings.workload == .park
        ? try park(settings, on: address, progress) : try load(settings, on: address, progress)
    return BenchResult(
        settings: settings, tally: tally,
        cpuNanoseconds: ProcessStatus.now().cpuNanoseconds - cpu)
}

private func park(
    _ settings: BenchSettings, on address: SocketAddress, _ progress: (Int) -> Void
) throws(BenchFailure) -> Tally {
    let requests = try written { () throws(HTTPError) in try ParkRequests(settings) }
    return try checked { () throws(KernelError) in
        var thread = try ParkThread(settings, requests, to: address)
        return try thread.run(progress)
    }
}

private func load(
    _ settings: BenchSettings, on address: SocketAddress, _ progress: (Int) -> Void
) throws(BenchFailure) -> Tally {
    let script = try written { () throws(HTTPError) in try BenchScript(settings) }
    let threads = min(settings.threads, settings.connections)
    let reports = try checked { () throws(KernelError) in
        try Mailbox<BenchReport>(limit: reportsMax * threads)
    }
    try checked { () throws(KernelError) in
        for number in 0..<threads {
            try start(number, of: threads, settings, script, on: address, reports)
        }
    }
    return try gather(reports, threads: threads, progress)
}

/// Reports of one thread that may wait to be read.
let reportsMax = 64

private func written<Result>(
    _ body: () throws(HTTPError) -> Result
) throws(BenchFailure) -> Result {
    do throws(HTTPError) { return try body() } catch { throw .badRequest }
}

private func address(of url: ServerURL) throws(BenchFailure) -> SocketAddress {
    do throws(Resolver.Failure) {
        let found = try Resolver.addresses(of: url.host, port: url.port)
        if let first = found.first { return first }
    } catch {
        throw .noAddress(reason: error.reason)
    }
    throw .noAddress(reason: "it has no address")
}

private func start(
    _ number: Int, of threads: Int, _ settings: BenchSettings, _ script: BenchScript,
    on address: SocketAddress, _ reports: Mailbox<BenchReport>
) throws(KernelError) {
    let before = settings.connections * number / threads
    let share = settings.connections * (number + 1) / threads - before
    let nanoseconds = settings.duration.nanoseconds
    try Thread.start("bench-\(number)") {
        do throws(KernelError) {
            var thread = try BenchThread(
                script, to: address, connections: share, first: before, nanoseconds: nanoseconds)
            try thread.run(reports)
        } catch {
            fail(error.description, reports)
        }
    }
}

private func fail(_ reason: String, _ reports: Mailbox<BenchReport>) {
    do throws(MailboxError) {
        try reports.post(.failed(reason: reason))
    } catch {
        preconditionFailure("a thread fails once")
    }
}

/// Waits for all threads, and adds up what they tell.
private func gather(
    _ reports: Mailbox<BenchReport>, threads: Int, _ progress: (Int) -> Void
) throws(BenchFailure) -> Tally {
    var poller = try checked { () throws(KernelError) in
        let poller = try Poller()
        try poller.add(reports.bell, tag: 0)
        return poller
    }
    var total = Tally()
    var left = threads
    var answers: [Int: Int] = [:]
    while left > 0 {
        _ = try checked { () throws(KernelError) in try poller.wait(milliseconds: -1) }
        for report in reports.drain() {
            switch report {
            case .progress(let thread, let count): answers[thread] = count
            case .done(let tally):
                total.add(tally)
                left -= 1
            case .failed(let reason): throw .kernel(reason: reason)
            }
        }
        progress(answers.values.reduce(0, +))
    }
    return total
}

private func checked<Result: ~Copyable>(
    _ body: () throws(KernelError) -> Result
) throws(BenchFailure) -> Result {
    do throws(KernelError) { return try body() } catch { throw .kernel(reason: error.description) }
}
