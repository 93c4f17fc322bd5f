import HTTP

/// A chunked body comes out the same however it is cut, and never larger than it went in.
func checkChunked(_ input: [UInt8], cuts: [Int]) -> FuzzVerdict {
    let limits = smallLimits(input.count)
    let whole = decode(input, [], limits)
    guard decode(input, cuts, limits) == whole else {
        return .failed("another body with cuts at \(cuts)")
    }
    guard decode(input, Array(input.indices), limits) == whole else {
        return .failed("another body byte by byte")
    }
    guard case .success(let decoded) = whole else { return .refused }
    guard decoded.body.count + decoded.rest <= input.count else {
        return .failed("the body is larger than its chunks")
    }
    return decoded.isDone ? .accepted : .refused
}

private struct Decoded: Equatable {
    var body: [UInt8] = []
    var rest = 0
    var isDone = false
}

private func decode(
    _ input: [UInt8], _ cuts: [Int], _ limits: HTTPLimits
) -> Result<Decoded, HTTPError> {
    var decoder = ChunkedDecoder(limits: limits)
    var decoded = Decoded()
    var start = 0
    do throws(HTTPError) {
        for end in cuts + [input.count] {
            let piece = Array(input[start..<end])
            var position = 0
            while case .data(let range) = try decoder.advance(over: piece.span, from: &position) {
                decoded.body += piece[range]
            }
            start += position
            if decoder.isDone { break }
        }
    } catch {
        return .failure(error)
    }
    decoded.isDone = decoder.isDone
    decoded.rest = input.count - start
    return .success(decoded)
}
