import Bytes
import HTTP
import Reactor
import Telemetry

/// How a request of an earlier turn gets its answer.
extension GatewayLoop {
    /// The client whose request that is, until its answer has ended; nil if it has gone.
    func client(of exchange: Exchange) -> Client? {
        guard let client = clients[exchange.client], client.http.isAnswering,
            client.http.requestNumber == exchange.number
        else { return nil }
        return client
    }

    /// Answers the request; false if nobody waits for that any more.
    ///
    /// With a delivery, the broker hears later whether it has left whole.
    mutating func answer(
        _ exchange: Exchange, with response: consuming Response, isDelivery: Bool = false
    ) -> Bool {
        guard let client = client(of: exchange), client.http.owesAnswer else { return false }
        note(client)
        if isDelivery { client.deliveries.append(exchange) }
        service.send(&client.http, response, at: loop.now)
        sendNow(client)
        return true
    }

    /// Tells the broker of the deliveries of a client whose answers have left, or never will.
    func concludeDeliveries(of client: Client) {
        if client.deliveries.isEmpty { return }
        let isDelivered = !client.http.hasOutput
        for exchange in client.deliveries {
            service.broker?.note(exchange, isDelivered: isDelivered)
        }
        client.deliveries.removeAll()
    }

    /// The same with a problem.
    mutating func refuse(_ exchange: Exchange, because error: GatewayError) -> Bool {
        guard let client = client(of: exchange), client.http.owesAnswer else { return false }
        note(client)
        service.refuse(&client.http, error, at: loop.now)
        sendNow(client)
        return true
    }

    /// Sends an answer before the next one is written, so that all of them have room in one buffer;
    /// the client's turn ends with those of the others.
    private mutating func sendNow(_ client: Client) {
        guard let count = service.send(&client.http, on: client.stream, at: loop.now) else {
            return drop(client, because: .broken)
        }
        metrics.sentBytes.add(UInt64(count))
        touch(client)
    }
}
