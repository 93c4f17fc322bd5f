import Kernel
import Reactor
import Settings

/// Returns the addresses of the server's host, or gives up when the time is over.
///
/// The system cannot be told how long a name may take, so it is asked on a thread of its own; one
/// that is late is left behind, and ends with the process.
func lookUp(_ url: ServerURL, milliseconds: Int32) throws(VisitError) -> [SocketAddress] {
    let found = try result(of: url, milliseconds: milliseconds)
    switch found {
    case .success(let addresses): return addresses
    case .failure(let failure): throw .noAddress(host: url.host, reason: failure.reason)
    case nil: throw .timedOut
    }
}

private typealias Lookup = Result<[SocketAddress], Resolver.Failure>

private func result(of url: ServerURL, milliseconds: Int32) throws(VisitError) -> Lookup? {
    let (host, port) = (url.host, url.port)
    do throws(KernelError) {
        let mailbox = try Mailbox<Lookup>(limit: 1)
        var poller = try Poller()
        try poller.add(mailbox.bell, tag: 0)
        try Thread.start("resolver") {
            let result = Lookup { () throws(Resolver.Failure) in
                try Resolver.addresses(of: host, port: port)
            }
            do throws(MailboxError) {
                try mailbox.post(result)
            } catch {
                preconditionFailure("one lookup posts one result")
            }
        }
        _ = try poller.wait(milliseconds: milliseconds)
        return mailbox.drain().first
    } catch {
        throw .local(reason: error.description)
    }
}
