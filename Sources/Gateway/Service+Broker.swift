import HTTP

/// How requests that need storage reach the desk for them.
extension Service {
    mutating func serveFromBroker(
        _ connection: inout ServerConnection, _ operation: Operation, at now: UInt64
    ) {
        guard let broker else {
            preconditionFailure("who has no broker has no routes to one")
        }
        let request = connection.currentRequest(&bench)
        let caller = Exchange(client: client, number: connection.requestNumber)
        do throws(GatewayError) {
            if let response = try broker.serve(
                operation, request, for: caller, from: peer, at: now)
            {
                send(&connection, response, at: now)
            }
        } catch {
            refuse(&connection, error, at: now)
        }
    }
}
