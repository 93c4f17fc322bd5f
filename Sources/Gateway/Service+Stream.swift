package import HTTP

/// Answers whose body is sent as it is made: counted once, and logged when they end.
extension Service {
    /// Begins to answer the current request with the status and the fields of `head`.
    ///
    /// False says that the answer is over already, because none of its body is wanted. What is
    /// streamed is never compressed: a compressor would hold back what a reader waits for.
    package mutating func sendStream(
        _ connection: inout ServerConnection, _ head: consuming Response, at now: UInt64
    ) -> Bool {
        let request = connection.currentRequest(&bench)
        allowOrigins(request, in: &head)
        if state.isDraining { head.closes = true }
        count(request, head.status, waited: now - (connection.owesSince ?? now))
        // The id in the log at the end has to be that of the head.
        bench.name(request)
        let isOver = request.method == .head || !head.status.allowsBody
        if isOver && settings.logsAccess { logAccess(request, head.status, size: 0, at: now) }
        return connection.beginStream(head, &bench, at: now)
    }

    /// Adds to the body; `connection.takesMore` says whether its client keeps up.
    package mutating func streamOut(
        _ connection: inout ServerConnection, _ bytes: [UInt8], at now: UInt64
    ) {
        connection.stream(bytes, &bench, at: now)
    }

    /// Ends the body, and the connection where the process drains.
    package mutating func finishStream(_ connection: inout ServerConnection, at now: UInt64) {
        logStream(connection, at: now)
        connection.endStream(closes: state.isDraining, &bench, at: now)
    }

    /// Gives up a connection whose socket goes, and what it was still sending.
    package mutating func abandon(_ connection: inout ServerConnection, at now: UInt64) {
        logStream(connection, at: now)
        connection.abandon(&bench)
    }

    private mutating func logStream(_ connection: borrowing ServerConnection, at now: UInt64) {
        guard settings.logsAccess, let status = connection.streamedStatus,
            let request = connection.request
        else { return }
        logAccess(request, status, size: connection.streamedSize, at: now)
    }
}
