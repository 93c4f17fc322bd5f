import Bytes

/// How an answer that streams is framed, and how far it has come.
struct AnswerStream {
    let status: HTTPStatus
    /// HTTP/1.0 knows no chunks: there the end of the connection is the end of the body.
    let isChunked: Bool
    /// Whether the connection goes on behind it.
    let goesOn: Bool
    /// The bytes of body so far, without their framing.
    var size = 0
}

/// Answers whose body is sent as it is made: server-sent events, and lists without an end.
///
/// The connection stays `answering` all the time. It has no deadline while nothing is unsent, and
/// what is unsent has the deadline of any answer. Nobody is kept from adding more than a client
/// takes: look at `takesMore` before.
extension ServerConnection {
    package var isStreaming: Bool { stream != nil }

    /// The bytes of body that were streamed so far, sent or not.
    package var streamedSize: Int { stream?.size ?? 0 }

    /// The status of the answer that streams.
    package var streamedStatus: HTTPStatus? { stream?.status }

    /// The bytes that wait for the client to take them.
    package var unsentSize: Int { output.pending }

    /// Whether the client takes its answer well enough to be given more.
    package var takesMore: Bool { !isPaused }

    /// Begins to answer the current request with `response`, whose own body means nothing.
    ///
    /// False says that the answer is over already, because none of its body is wanted.
    package mutating func beginStream(
        _ response: borrowing Response, _ bench: inout HTTPBench, at now: UInt64
    ) -> Bool {
        guard let request, owesAnswer else {
            preconditionFailure("only a request that is owed an answer gets one")
        }
        let isChunked = request.parser.head.version == .http11
        let goesOn = !response.closes && request.parser.head.keepsAlive && isChunked
        output.begin(&bench, at: now)
        ResponseWriter.writeStreamHead(
            of: response, to: request, closes: !goesOn, &bench, into: &output.bytes)
        guard request.method != .head, response.status.allowsBody else {
            end(goesOn: goesOn, &bench, at: now)
            return false
        }
        stream = AnswerStream(status: response.status, isChunked: isChunked, goesOn: goesOn)
        return true
    }

    /// Adds bytes to the body; none are none, and do not end it.
    package mutating func stream(
        _ bytes: [UInt8], _ bench: inout HTTPBench, at now: UInt64
    ) {
        guard let isChunked = stream?.isChunked else {
            preconditionFailure("only a stream that has begun goes on")
        }
        if bytes.isEmpty { return }
        output.begin(&bench, at: now)
        stream?.size += bytes.count
        if isChunked {
            ResponseWriter.writeChunk(bytes[...], into: &output.bytes)
        } else {
            output.bytes.append(contentsOf: bytes)
        }
    }

    /// Ends the body; the connection goes on as its head said, unless it `closes` all the same.
    package mutating func endStream(
        closes: Bool = false, _ bench: inout HTTPBench, at now: UInt64
    ) {
        guard let stream else { preconditionFailure("only a stream that has begun ends") }
        if stream.isChunked {
            output.begin(&bench, at: now)
            ResponseWriter.writeLastChunk(into: &output.bytes)
        }
        end(goesOn: stream.goesOn && !closes, &bench, at: now)
    }

    private mutating func end(goesOn: Bool, _ bench: inout HTTPBench, at now: UInt64) {
        if goesOn { finishRequest(&bench, at: now) } else { close(&bench, at: now) }
    }
}
