import Bytes

/// Frames answers: one status line, one length, and the fields that every answer has.
enum ResponseWriter {
    private static let lineEnd = [UInt8]("\r\n".utf8)
    private static let headEnd = [UInt8]("\r\n\r\n".utf8)
    private static let contentLength = [UInt8]("Content-Length: ".utf8)
    private static let chunked = [UInt8]("Transfer-Encoding: chunked\r\n\r\n".utf8)
    private static let lastChunk = [UInt8]("0\r\n\r\n".utf8)
    private static let close = [UInt8]("\r\nConnection: close".utf8)
    private static let keepAlive = [UInt8]("\r\nConnection: keep-alive".utf8)

    static func write(
        _ response: borrowing Response, to request: Request, closes: Bool,
        _ bench: inout HTTPBench, into output: inout OutputQueue
    ) {
        writeBeginning(of: response, to: request, closes: closes, &bench, into: &output.bytes)
        let isHead = request.method == .head
        if !isHead && !response.prepared.isEmpty {
            output.bytes.append(contentsOf: response.prepared)
        } else if response.pieceEnds.isEmpty || request.parser.head.version == .http10 {
            let hasBody = !isHead && response.status.allowsBody
            let isShared = hasBody && response.body.count >= OutputQueue.sharedSizeMin
            writeFieldsAndBody(of: response, hasBody: hasBody && !isShared, into: &output.bytes)
            if isShared { output.share(response.body) }
        } else {
            writeFieldsAndChunks(of: response, hasBody: !isHead, into: &output.bytes)
        }
    }

    /// Writes the head of an answer whose body is streamed.
    static func writeStreamHead(
        of response: borrowing Response, to request: Request, closes: Bool,
        _ bench: inout HTTPBench, into output: inout [UInt8]
    ) {
        writeBeginning(of: response, to: request, closes: closes, &bench, into: &output)
        output.append(contentsOf: lineEnd)
        output.append(contentsOf: response.fields)
        let hasChunks = request.parser.head.version == .http11 && response.status.allowsBody
        output.append(contentsOf: hasChunks ? chunked : lineEnd)
    }

    /// Writes up to the end of the line before the first field, without that end.
    private static func writeBeginning(
        of response: borrowing Response, to request: Request, closes: Bool,
        _ bench: inout HTTPBench, into output: inout [UInt8]
    ) {
        if response.status == .ok {
            output.append(contentsOf: bench.okBeginning)
        } else {
            output.append(contentsOf: response.status.line)
            output.append(contentsOf: bench.dateLine)
        }
        bench.appendID(of: request, to: &output)
        if closes {
            output.append(contentsOf: close)
        } else if request.parser.head.version == .http10 {
            output.append(contentsOf: keepAlive)
        }
    }

    /// Writes bytes, of which there are some, as a chunk.
    static func writeChunk(_ bytes: ArraySlice<UInt8>, into output: inout [UInt8]) {
        output.append(String(bytes.count, radix: 16))
        output.append(contentsOf: lineEnd)
        output.append(contentsOf: bytes)
        output.append(contentsOf: lineEnd)
    }

    static func writeLastChunk(into output: inout [UInt8]) {
        output.append(contentsOf: lastChunk)
    }

    /// Writes a body in the pieces it was made in; HTTP/1.0 knows no chunks and gets it whole.
    private static func writeFieldsAndChunks(
        of response: borrowing Response, hasBody: Bool, into output: inout [UInt8]
    ) {
        output.append(contentsOf: lineEnd)
        output.append(contentsOf: response.fields)
        output.append(contentsOf: chunked)
        guard hasBody else { return }
        var start = 0
        for end in response.pieceEnds {
            writeChunk(response.body[start..<end], into: &output)
            start = end
        }
        writeLastChunk(into: &output)
    }

    /// Writes on from the end of the line before the first field.
    static func writeFieldsAndBody(
        of response: borrowing Response, hasBody: Bool, into output: inout [UInt8]
    ) {
        output.append(contentsOf: lineEnd)
        output.append(contentsOf: response.fields)
        guard response.status.allowsBody else { return output.append(contentsOf: lineEnd) }
        output.append(contentsOf: contentLength)
        output.append(decimal: UInt64(response.body.count))
        output.append(contentsOf: headEnd)
        if hasBody { output.append(contentsOf: response.body) }
    }
}
