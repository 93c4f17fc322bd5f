import HTTP
import Testing

/// A request whose head a connection has read, from pieces that end at `cuts`.
struct ParsedRequest: ~Copyable {
    private var bench = HTTPBench(limits: HTTPLimits(), timeouts: HTTPTimeouts(), seed: 1)
    private var connection = ServerConnection(at: 0)
    let request: Request

    init(_ wire: [UInt8], cuts: [Int] = []) throws {
        var bench = HTTPBench(limits: HTTPLimits(), timeouts: HTTPTimeouts(), seed: 1)
        var connection = ServerConnection(at: 0)
        var found: Request?
        var start = 0
        for end in cuts + [wire.count] where found == nil {
            let piece = Array(wire[start..<end])
            var input = Input(piece, count: piece.count)
            if case .head = connection.next(&input, &bench, at: 0) { found = connection.request }
            connection.keep(input)
            start = end
        }
        request = try #require(found)
        self.bench = bench
        self.connection = connection
    }

    /// Parses a GET with these fields.
    init(fields: [String], cuts: [Int] = []) throws {
        try self.init(Self.wire(fields), cuts: cuts)
    }

    static func wire(_ fields: [String]) -> [UInt8] {
        bytes("GET / HTTP/1.1\r\nHost: h\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n")
    }
}

extension Request {
    func text(_ range: Range<Int>) -> String { String(decoding: source[range], as: UTF8.self) }
}
