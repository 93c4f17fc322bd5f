import Bytes
import HTTP
import Reactor

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
    mutating func answer(_ exchange: Exchange, with response: consuming Response) -> Bool {
        guard let client = client(of: exchange), client.http.owesAnswer else { return false }
        note(client)
        service.send(&client.http, response, at: loop.now)
        touch(client)
        return true
    }

    /// The same with a problem.
    mutating func refuse(_ exchange: Exchange, because error: GatewayError) -> Bool {
        guard let client = client(of: exchange), client.http.owesAnswer else { return false }
        note(client)
        service.refuse(&client.http, error, at: loop.now)
        touch(client)
        return true
    }
}
