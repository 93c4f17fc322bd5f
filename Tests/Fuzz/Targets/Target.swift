import HTTP

/// The pieces of a target lie inside of it, and decoded text is never longer than it was.
func checkTarget(_ input: [UInt8]) -> FuzzVerdict {
    // A parser hands over nothing else.
    let input = input.filter { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }
    var isAccepted = false
    do throws(HTTPError) {
        for method in [Method.get, .options, .connect] {
            let target = try RequestTarget(input.indices, in: input.span, method: method)
            if let fault = try fault(of: target, input) { return .failed(fault) }
            isAccepted = true
        }
    } catch {
        return isAccepted ? .accepted : .refused
    }
    return .accepted
}

private func fault(of target: RequestTarget, _ input: [UInt8]) throws(HTTPError) -> String? {
    var (segments, count, size) = (target.segments, 0, 0)
    while let segment = segments.next(in: input.span) {
        count += 1
        size += segment.range.count + 1
        if try !agrees(segment, input) { return "a segment is not equal to itself" }
    }
    guard count == target.segmentCount(in: input.span), size == max(target.path.count, 1) else {
        return "the segments do not make up the path"
    }
    var pairs = target.queryPairs
    while let pair = pairs.next(in: input.span) {
        let isNameSame = try agrees(pair.name, input)
        let isValueSame = try agrees(pair.value, input)
        if !isNameSame || !isValueSame { return "a pair is not equal to itself" }
    }
    return nil
}

private func agrees(_ text: EscapedText, _ input: [UInt8]) throws(HTTPError) -> Bool {
    let decoded = try text.bytes(in: input.span)
    let isPlain = text.isPlain(in: input.span)
    let isSame = try text.equals(decoded.span, in: input.span)
    return isSame && decoded.count <= text.range.count && !decoded.contains(0)
        && (!isPlain || decoded.elementsEqual(input[text.range]))
}
