/// Which content coding a client wants its answer in, by all its Accept-Encoding fields together.
package enum AcceptEncoding {
    package enum Choice: Equatable, Sendable {
        case plain
        case coded(ContentCoding)
    }

    /// Returns the coding with the greatest weight, the smaller answer where weights are equal, or
    /// nil if the client takes nothing that we have (RFC 9110, section 12.5.3).
    ///
    /// Without a field the answer is plain: many clients that do not ask cannot decode.
    package static func choose(
        _ head: RequestHead, in bytes: Span<UInt8>
    ) throws(HTTPError) -> Choice? {
        var weights = Weights()
        for field in head.fields where field.name == .acceptEncoding {
            try weights.note(field.value, bytes)
        }
        return weights.choice
    }

    private struct Weights {
        var gzip: Int?
        var deflate: Int?
        var identity: Int?
        var others: Int?

        var choice: Choice? {
            let gzip = gzip ?? others ?? 0
            let deflate = deflate ?? others ?? 0
            // Plain is always taken unless it is ruled out, but nobody prefers it without saying so.
            let plain = identity ?? (others == 0 ? 0 : 1)
            if gzip > 0, gzip >= deflate, gzip >= plain { return .coded(.gzip) }
            if deflate > 0, deflate >= plain { return .coded(.deflate) }
            return plain > 0 ? .plain : nil
        }

        mutating func note(_ value: Range<Int>, _ bytes: Span<UInt8>) throws(HTTPError) {
            var cursor = ValueCursor(value)
            while cursor.nextElement(bytes) {
                let name = try cursor.token(bytes)
                let weight = try cursor.weightOfElement(bytes)
                if let coding = ContentCoding(recognising: name, in: bytes) {
                    switch coding {
                    case .gzip: gzip = weight
                    case .deflate: deflate = weight
                    }
                } else if bytes.equals(name, ignoringCase: "identity") {
                    identity = weight
                } else if bytes.equals(name, ignoringCase: "*") {
                    others = weight
                }
            }
        }
    }
}
