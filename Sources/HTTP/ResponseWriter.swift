import Bytes

/// Frames answers: one status line, one length, and the fields that every answer has.
enum ResponseWriter {
    private static let requestID = [UInt8]("Request-Id: ".utf8)
    private static let contentLength = [UInt8]("Content-Length: ".utf8)
    private static let close = [UInt8]("Connection: close\r\n".utf8)
    private static let keepAlive = [UInt8]("Connection: keep-alive\r\n".utf8)
    private static let lineEnd = [UInt8]("\r\n".utf8)

    static func write(
        _ response: borrowing Response, to request: Request, closes: Bool, date: [UInt8],
        into output: inout [UInt8]
    ) {
        output.append(contentsOf: response.status.line)
        output.append(contentsOf: date)
        output.append(contentsOf: requestID)
        output.append(contentsOf: request.id)
        output.append(contentsOf: lineEnd)
        if closes {
            output.append(contentsOf: close)
        } else if request.parser.head.version == .http10 {
            output.append(contentsOf: keepAlive)
        }
        output.append(contentsOf: response.fields)
        if response.status.allowsBody {
            output.append(contentsOf: contentLength)
            output.append(decimal: UInt64(response.body.count))
            output.append(contentsOf: lineEnd)
        }
        output.append(contentsOf: lineEnd)
        if response.status.allowsBody && request.parser.head.method != .head {
            output.append(contentsOf: response.body)
        }
    }
}
