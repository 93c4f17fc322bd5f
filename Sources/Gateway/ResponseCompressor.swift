import Bytes
import Deflate
import HTTP

/// Compresses answers that are worth it, for clients that say they can read that.
struct ResponseCompressor: ~Copyable {
    /// Below this, a compressed answer saves no packet.
    static let sizeMin = 1_024

    private var gzip = Deflater(format: .gzip, level: 1)
    private var zlib = Deflater(format: .zlib, level: 1)

    mutating func compress(_ response: inout Response, for request: Request) {
        guard response.body.count > Self.sizeMin else { return }
        response.add("Vary", "Accept-Encoding")
        guard let coding = request.acceptedCoding else { return }
        var body: [UInt8] = []
        switch coding {
        case .gzip: gzip.append(response.body[...], to: &body)
        case .deflate: zlib.append(response.body[...], to: &body)
        }
        response.setBody(body)
        response.add("Content-Encoding", coding.name)
    }
}
