import HTTP

/// A head gets one verdict however it is cut, and all that it points at lies inside of it.
func checkRequest(_ input: [UInt8], cuts: [Int]) -> FuzzVerdict {
    let limits = smallLimits(input.count)
    let verdict = requestVerdict(input, [], limits)
    guard requestVerdict(input, cuts, limits) == verdict else {
        return .failed("another verdict with cuts at \(cuts)")
    }
    guard requestVerdict(input, Array(input.indices), limits) == verdict else {
        return .failed("another verdict byte by byte")
    }
    guard case .success(let head?) = verdict else { return .refused }
    if let fault = fault(of: head, input, limits) { return .failed(fault) }
    return .accepted
}

/// Limits that many inputs reach, the same for the same input.
func smallLimits(_ size: Int) -> HTTPLimits {
    var limits = HTTPLimits()
    if size % 3 == 0 { limits.targetSizeMax = 16 }
    if size % 5 == 0 { limits.fieldsSizeMax = 64 }
    if size % 7 == 0 { limits.fieldCountMax = 3 }
    if size % 2 == 0 { limits.chunkExtensionsSizeMax = 8 }
    return limits
}

private func requestVerdict(
    _ input: [UInt8], _ cuts: [Int], _ limits: HTTPLimits
) -> Result<RequestHead?, HTTPError> {
    var parser = RequestParser(limits: limits)
    do throws(HTTPError) {
        for cut in cuts + [input.count] {
            if try parser.advance(over: input.span.extracting(0..<cut)) {
                return .success(parser.head)
            }
        }
    } catch {
        return .failure(error)
    }
    return .success(nil)
}

private func fault(of head: RequestHead, _ input: [UInt8], _ limits: HTTPLimits) -> String? {
    guard head.size <= input.count, input[..<head.size].suffix(4).elementsEqual("\r\n\r\n".utf8)
    else { return "the head ends at a wrong place" }
    guard head.fields.count <= limits.fieldCountMax, head.target.count <= limits.targetSizeMax
    else {
        return "a limit was passed"
    }
    var end = head.target.upperBound
    for field in head.fields {
        guard field.fieldName.lowerBound > end, !field.fieldName.isEmpty,
            field.value.lowerBound > field.fieldName.upperBound
        else { return "field lines overlap" }
        end = field.value.upperBound
    }
    guard end < head.size else { return "a field is outside of its head" }
    guard head.version == .http11 || head.framing != .chunked else { return "chunks in HTTP/1.0" }
    return nil
}
