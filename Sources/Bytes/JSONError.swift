/// Why bytes are not JSON, and where.
package struct JSONError: Error, Equatable, Sendable {
    package enum Reason: Equatable, Sendable {
        case unexpectedByte
        case unexpectedEnd
        case badNumber
        case badEscape
        /// Half of a surrogate pair, which stands for no character.
        case loneSurrogate
        case badUTF8
        /// A byte below U+0020 that is not escaped in a string.
        case controlCharacter
        case tooDeep(limit: Int)
        case trailingBytes
    }

    package let reason: Reason
    /// The offset of the first byte that cannot be right.
    package let position: Int

    package init(_ reason: Reason, at position: Int) {
        self.reason = reason
        self.position = position
    }

    /// What a person reads.
    package var message: String {
        switch reason {
        case .unexpectedByte: "not JSON at byte \(position)"
        case .unexpectedEnd: "the JSON ends too early, at byte \(position)"
        case .badNumber: "not a JSON number at byte \(position)"
        case .badEscape: "not a JSON escape at byte \(position)"
        case .loneSurrogate: "half of a surrogate pair at byte \(position)"
        case .badUTF8: "not UTF-8 at byte \(position)"
        case .controlCharacter: "a control character in a string at byte \(position)"
        case .tooDeep(let limit): "more than \(limit) levels of JSON at byte \(position)"
        case .trailingBytes: "something behind the JSON at byte \(position)"
        }
    }
}
