/// What a parsed request head says, as places in the bytes it was parsed from.
///
/// All ranges count from the first byte that the parser was given (the request line, or the one
/// empty line before it), so a head stays true when its bytes are copied elsewhere whole.
package struct RequestHead: Equatable, Sendable {
    package var method = Method.get
    @SmallRange package var methodRange: Range<Int> = 0..<0
    @SmallRange package var target: Range<Int> = 0..<0
    /// The target taken apart.
    package var targetParts = RequestTarget()
    /// Whom the request is for: the authority of an absolute target, else the value of Host.
    @SmallRange package var authority: Range<Int> = 0..<0
    package var version = HTTPVersion.http11
    /// Every field line in order of arrival.
    package var fields: [FieldLine] = []
    /// The known names among them, and those that came more than once.
    package var present = FieldSet()
    package var repeated = FieldSet()
    /// The bytes of the head with its closing empty line: the body starts here.
    @Small package var size = 0
    package var framing = BodyFraming.none
    /// Whether the client wants the connection to go on after this request.
    package var keepsAlive = true
    /// Whether the client waits for `100 Continue` before it sends the body.
    package var expectsContinue = false
    /// Whether the client expects something that nobody here knows.
    package var expectsTheUnknown = false

    package init() {}
}

/// One field line: its name (known or not) and its value without the spaces around it.
package struct FieldLine: Equatable, Sendable {
    package var name: FieldName
    package var nameRange: Range<UInt32>
    package var valueRange: Range<UInt32>
}

package enum HTTPVersion: UInt8, Sendable { case http10, http11 }

/// The methods of RFC 9110 and PATCH; `other` is any token that is none of them.
package enum Method: UInt8, CaseIterable, Sendable {
    case get, head, post, put, delete, options, patch, trace, connect, other
}

/// How a body is delimited (RFC 9112, section 6.3).
package enum BodyFraming: Equatable, Sendable {
    case none
    case length(Int)
    case chunked
    /// Up to the end of the connection: responses only.
    case untilClose
}
