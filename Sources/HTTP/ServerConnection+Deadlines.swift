/// What a connection may take how long over.
///
/// Every phase has an end, except the one in which we owe the answer.
extension ServerConnection {
    /// Whether the client's next bytes cannot be late.
    ///
    /// It has an answer to take first, or we do not listen: only its taking has a deadline then.
    var isExcused: Bool {
        switch phase {
        case .idle: hasOutput
        case .head, .body, .discarding: isPaused
        case .admission, .answering, .closing, .lingering, .closed: false
        }
    }

    /// When `expire` has to be called at the latest; nil while nothing can be late.
    package func nextDeadline(_ timeouts: HTTPTimeouts) -> UInt64? {
        let phaseDue: UInt64? =
            switch phase {
            case _ where isExcused: nil
            case .idle: phaseWindow.start + timeouts.idle
            case .head: phaseWindow.start + timeouts.header
            case .body, .discarding: phaseWindow.start + timeouts.window
            case .lingering: phaseWindow.start + timeouts.linger
            case .admission, .answering, .closing, .closed: nil
            }
        guard hasOutput else { return phaseDue }
        let outputDue = output.window.start + timeouts.write
        return min(phaseDue ?? outputDue, outputDue)
    }

    /// Judges a connection whose deadline may have passed.
    package mutating func expire(at now: UInt64, _ timeouts: HTTPTimeouts) -> Expiry {
        if hasOutput && now >= output.window.start + timeouts.write {
            let due = timeouts.rateMin * Int(timeouts.write) / 1_000
            guard output.window.moved >= due else { return .close(.slowReader) }
            output.restartWindow(at: now)
        }
        guard let due = nextDeadline(timeouts), now >= due else { return .nothing }
        switch phase {
        case .idle: return .close(.idle)
        case .head: return .slowRequest
        case .body, .discarding:
            let due = timeouts.rateMin * Int(timeouts.window) / 1_000
            if phaseWindow.moved >= due {
                phaseWindow.restart(at: now)
                return .nothing
            }
            return phase == .body ? .slowRequest : .close(.slowRequest)
        case .lingering: return .close(.lingered)
        case .admission, .answering, .closing, .closed: return .nothing
        }
    }
}
