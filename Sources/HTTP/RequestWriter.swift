import Bytes

/// Writes one request, front to back: line, Host, fields, then the body.
///
/// Nothing that a caller passes can end a line: a name, a value or a target that could is refused.
/// The fields that frame the message are written here and nowhere else.
package struct RequestWriter {
    private enum Phase { case fields, chunks, done }

    private var phase = Phase.fields
    /// What is written so far; a whole request once it was ended.
    package private(set) var bytes: [UInt8] = []

    package init(
        _ method: Method, _ target: String, host: String
    ) throws(HTTPError) {
        guard method != .other else { throw .badRequestLine }
        let target = Array(target.utf8)
        guard target.allSatisfy(\.isTarget) else { throw .badTarget }
        _ = try RequestTarget(target.indices, in: target.span, method: method)
        bytes.append(method.name)
        bytes.append(.space)
        bytes.append(contentsOf: target)
        bytes.append(" HTTP/1.1\r\n")
        try addHost(host)
    }

    private mutating func addHost(_ host: String) throws(HTTPError) {
        let authority = Array(host.utf8)
        guard Authority.isValid(authority.indices, in: authority.span) else { throw .badHost }
        addLine("Host", host)
    }

    /// Adds a field line.
    package mutating func add(_ name: String, _ value: String) throws(HTTPError) {
        precondition(phase == .fields, "fields come before the body")
        let nameBytes = Array(name.utf8)
        let isToken = !nameBytes.isEmpty && nameBytes.allSatisfy(ByteClass.token.contains)
        guard isToken, value.utf8.allSatisfy({ !$0.isControl || $0 == .tab }) else {
            throw .badField
        }
        switch FieldName(recognising: nameBytes.indices, in: nameBytes.span) {
        case .host, .contentLength, .transferEncoding: throw .badField
        default: addLine(name, value)
        }
    }

    private mutating func addLine(_ name: String, _ value: String) {
        bytes.append(name)
        bytes.append(": ")
        bytes.append(value)
        bytes.append("\r\n")
    }

    /// Ends a request that has no body.
    package mutating func end() {
        precondition(phase == .fields, "a request ends once")
        bytes.append("\r\n")
        phase = .done
    }

    /// Ends the request with a body of known length.
    package mutating func end(body: [UInt8]) {
        precondition(phase == .fields, "a request ends once")
        addLine("Content-Length", "\(body.count)")
        bytes.append("\r\n")
        bytes.append(contentsOf: body)
        phase = .done
    }
}

// A body of unknown length.
extension RequestWriter {
    /// Ends the head; the body follows in chunks.
    package mutating func beginChunks() {
        precondition(phase == .fields, "a request has one body")
        addLine("Transfer-Encoding", "chunked")
        bytes.append("\r\n")
        phase = .chunks
    }

    /// Adds a chunk, or nothing for an empty one, which would end the body.
    package mutating func add(chunk: [UInt8]) {
        precondition(phase == .chunks, "chunks are begun first")
        if chunk.isEmpty { return }
        bytes.append(String(chunk.count, radix: 16))
        bytes.append("\r\n")
        bytes.append(contentsOf: chunk)
        bytes.append("\r\n")
    }

    package mutating func endChunks() {
        precondition(phase == .chunks, "chunks are begun first")
        bytes.append("0\r\n\r\n")
        phase = .done
    }

    /// Hands over what is written and forgets it, so that a long body can be sent as it is made.
    package mutating func takeBytes() -> [UInt8] {
        let taken = bytes
        bytes = []
        return taken
    }
}
