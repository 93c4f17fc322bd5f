/// Why a connection ended before its client ended it.
package enum CloseReason: UInt8, CaseIterable, Sendable {
    case idle, slowRequest, slowReader, lingered, broken, drained

    package var label: StaticString {
        switch self {
        case .idle: "idle"
        case .slowRequest: "slow_request"
        case .slowReader: "slow_reader"
        case .lingered: "lingered"
        case .broken: "broken"
        case .drained: "drained"
        }
    }
}
