/// What a parsed response head says, as places in the bytes it was parsed from.
///
/// All ranges count from the first byte of the status line, so a head stays true when its bytes are
/// copied elsewhere whole.
package struct ResponseHead: Equatable, Sendable {
    package var version = HTTPVersion.http11
    /// 100 to 599.
    package var status = 0
    /// The words after the status, which mean nothing to a program.
    package var reason: Range<Int> = 0..<0
    /// Every field line in order of arrival.
    package var fields: [FieldLine] = []
    /// The bytes of the head with its closing empty line: the body starts here.
    package var size = 0
    package var framing = BodyFraming.none
    /// Whether the server wants the connection to go on after this response.
    package var keepsAlive = true

    package init() {}

    /// Whether another response follows this one for the same request.
    package var isInterim: Bool { status < 200 }
}
