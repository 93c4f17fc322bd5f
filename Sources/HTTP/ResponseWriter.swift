import Bytes

/// Frames answers: one status line, one length, and the fields that every answer has.
enum ResponseWriter {
    private static let lineEnd = [UInt8]("\r\n".utf8)
    private static let headEnd = [UInt8]("\r\n\r\n".utf8)
    private static let contentLength = [UInt8]("Content-Length: ".utf8)
    private static let close = [UInt8]("\r\nConnection: close\r\n".utf8)
    private static let keepAlive = [UInt8]("\r\nConnection: keep-alive\r\n".utf8)

    static func write(
        _ response: borrowing Response, to request: Request, closes: Bool, date: [UInt8],
        into output: inout [UInt8]
    ) {
        output.append(contentsOf: response.status.line)
        output.append(contentsOf: date)
        output.append(contentsOf: request.id)
        if closes {
            output.append(contentsOf: close)
        } else if request.parser.head.version == .http10 {
            output.append(contentsOf: keepAlive)
        } else {
            output.append(contentsOf: lineEnd)
        }
        output.append(contentsOf: response.fields)
        guard response.status.allowsBody else { return output.append(contentsOf: lineEnd) }
        output.append(contentsOf: contentLength)
        output.append(decimal: UInt64(response.body.count))
        output.append(contentsOf: headEnd)
        if request.parser.head.method != .head {
            output.append(contentsOf: response.body)
        }
    }
}
