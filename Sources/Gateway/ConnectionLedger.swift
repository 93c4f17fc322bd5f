package import Kernel
import Synchronization

/// How many connections the process holds, and how many of them one address has.
///
/// The kernel spreads an address over all loops, so its share can only be counted in one place: a
/// lock that is taken once when a connection comes and once when it goes.
package final class ConnectionLedger: Sendable {
    package enum Verdict: Equatable, Sendable { case admitted, processFull, addressFull }

    private struct Counts {
        var total = 0
        var byAddress: [IPAddress: Int] = [:]
    }

    private let counts = Mutex(Counts())

    package init() {}

    package func admit(_ address: IPAddress, totalMax: Int, perAddressMax: Int) -> Verdict {
        counts.withLock { counts in
            guard counts.total < totalMax else { return .processFull }
            let held = counts.byAddress[address, default: 0]
            guard perAddressMax == 0 || held < perAddressMax else { return .addressFull }
            counts.total += 1
            counts.byAddress[address] = held + 1
            return .admitted
        }
    }

    package func release(_ address: IPAddress) {
        counts.withLock { counts in
            guard let held = counts.byAddress[address] else {
                preconditionFailure("a connection is released once")
            }
            counts.total -= 1
            counts.byAddress[address] = held > 1 ? held - 1 : nil
        }
    }
}
