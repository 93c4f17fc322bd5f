package import HTTP
package import Kernel

/// What a connection needs of its socket.
package protocol ClientSocket: ~Copyable {
    func receive(into buffer: inout [UInt8]) -> ReadResult
    func send(_ bytes: [UInt8], from start: Int) -> WriteResult
    func finishSending()
}

extension Stream: ClientSocket {}

/// What became of a connection at the end of a turn.
package struct Settlement: Equatable, Sendable {
    package enum Verdict: Equatable, Sendable {
        case stays
        /// The socket goes; a reason says that we ended it.
        case goes(CloseReason?)
    }

    package var verdict = Verdict.stays
    package var sentBytes = 0
    /// Whether it has more to do, in the next turn.
    package var wantsTurn = false
    /// Whether it was told to end because the process does.
    package var isDrained = false
}

/// A connection's part of a turn. The loop and the simulator both drive connections by this.
extension Service {
    /// Reads once, and answers every request that becomes whole.
    package mutating func read(
        _ connection: inout ServerConnection, from wire: borrowing some ClientSocket & ~Copyable,
        into inbox: inout [UInt8], at now: UInt64
    ) -> ReadResult {
        let result = wire.receive(into: &inbox)
        switch result {
        case .bytes(let count): serve(&connection, Input(inbox, count: count), at: now)
        case .ended: connection.endInput(&bench, at: now)
        case .wouldBlock, .broken: break
        }
        return result
    }

    /// Sends what the turn produced, once, and goes on where that makes room.
    package mutating func settle(
        _ connection: inout ServerConnection, on wire: borrowing some ClientSocket & ~Copyable,
        at now: UInt64
    ) -> Settlement {
        var settlement = Settlement()
        if connection.hasOutput {
            guard let sentBytes = send(&connection, on: wire, at: now) else {
                settlement.verdict = .goes(.broken)
                return settlement
            }
            settlement.sentBytes = sentBytes
        }
        if connection.hasBacklogTurn {
            // The next turn sends what this produces, so that no client keeps a turn to itself.
            serveBacklog(&connection, at: now)
            settlement.wantsTurn = true
        }
        if endsIdle && connection.isIdle {
            connection.close(&bench, at: now)
            settlement.isDrained = true
        }
        if connection.wantsFinish {
            wire.finishSending()
            connection.finished(at: now)
        }
        if connection.isClosed { settlement.verdict = .goes(nil) }
        return settlement
    }
}

// Sending.
extension Service {
    /// Sends what waits, and then a shared body, in one call each; returns how much the kernel took,
    /// or nil where the connection is broken.
    package mutating func send(
        _ connection: inout ServerConnection, on wire: borrowing some ClientSocket & ~Copyable,
        at now: UInt64
    ) -> Int? {
        var taken = 0
        if !connection.output.isAtShared {
            switch wire.send(connection.output.bytes, from: connection.output.sent) {
            case .bytes(let count):
                connection.sent(count, &bench, at: now)
                taken = count
            case .wouldBlock: return 0
            case .broken: return nil
            }
        }
        guard connection.output.isAtShared else { return taken }
        switch wire.send(connection.output.shared, from: connection.output.sharedSent) {
        case .bytes(let count):
            connection.sent(count, &bench, at: now)
            return taken + count
        case .wouldBlock: return taken
        case .broken: return nil
        }
    }
}

extension ServerConnection {
    /// What there is to hear about now.
    ///
    /// Hang-ups and errors come unasked. A client whose input ended is no longer asked for input,
    /// since the end would be reported again and again.
    package var wantedInterest: Interest { Interest(input: wantsInput, output: hasOutput) }

    /// Why a connection is dropped whose socket is broken: once all is said, that is its end.
    package var reasonIfBroken: CloseReason? { isLingering ? nil : .broken }
}
