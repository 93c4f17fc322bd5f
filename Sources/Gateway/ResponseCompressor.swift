import Bytes
import Deflate
import HTTP

/// Compresses answers that are worth it, for clients that say they can read that.
struct ResponseCompressor: ~Copyable {
    /// Below this, a compressed answer saves no packet.
    static let sizeMin = 1_024

    private var gzip = Deflater(format: .gzip, level: 1)
    private var zlib = Deflater(format: .zlib, level: 1)

    /// Whether what is answered depends on what the client can read.
    static func varies(_ response: borrowing Response) -> Bool { response.body.count > sizeMin }

    mutating func compress(_ response: inout Response, for request: Request) {
        guard Self.varies(response) else { return }
        response.add("Vary", "Accept-Encoding")
        guard let coding = request.acceptedCoding else { return }
        var body: [UInt8] = []
        switch coding {
        case .gzip: gzip.append(response.body[...], to: &body)
        case .deflate: zlib.append(response.body[...], to: &body)
        }
        response.setBody(body)
        response.weakenETag()
        response.add("Content-Encoding", coding.name)
    }
}
