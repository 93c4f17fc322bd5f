import Bytes

/// A text has one reading: in a larger buffer, skipped over, and written again.
func checkJSON(_ input: [UInt8], cuts: [Int]) -> FuzzVerdict {
    let whole = read(input)
    guard skip(input) == whole.map({ _ in true }) else {
        return .failed("skipping the text gives another verdict")
    }
    if let fault = faultInLargerBuffer(input, whole) { return .failed(fault) }
    let steps: [JSONStep]
    switch whole {
    case .failure(let error):
        let isInside = 0...input.count ~= error.position
        return isInside ? .refused : .failed("an error lies outside of the text")
    case .success(let read): steps = read
    }
    let fault =
        faultInStructure(steps, input) ?? faultInCover(steps, input) ?? faultInSkipping(
            steps, input, cuts)
        ?? faultInWriting(steps)
    return fault.map { .failed($0) } ?? .accepted
}

/// A token with everything that the reader says about it, and the reader in front of it.
private struct JSONStep {
    var token: JSONToken
    var text: Range<Int>
    var hasEscapes: Bool
    var depth: Int
    var before: JSONReader
    /// The same without its place.
    var value: JSONValue
}

private func read(
    _ input: [UInt8], in range: Range<Int>? = nil
) -> Result<[JSONStep], JSONError> {
    var reader = JSONReader(in: range ?? input.indices)
    var steps: [JSONStep] = []
    do throws(JSONError) {
        while steps.last?.token != .end {
            let before = reader
            let token = try reader.next(input.span)
            steps.append(
                JSONStep(
                    token: token, text: reader.text, hasEscapes: reader.hasEscapes,
                    depth: reader.depth, before: before,
                    value: JSONValue(token, reader, input)))
        }
    } catch {
        return .failure(error)
    }
    return .success(steps)
}

private func skip(_ input: [UInt8]) -> Result<Bool, JSONError> {
    var reader = JSONReader(in: input.indices)
    do throws(JSONError) {
        try reader.skipValue(input.span)
        return .success(try reader.next(input.span) == .end)
    } catch {
        return .failure(error)
    }
}

/// What stands around the text has no say in it.
private func faultInLargerBuffer(
    _ input: [UInt8], _ whole: Result<[JSONStep], JSONError>
) -> String? {
    let before = Array("[\"\\".utf8)
    let buffer = before + input + Array("9\"}]e0".utf8)
    let moved = read(buffer, in: before.count..<before.count + input.count)
    switch (whole, moved) {
    case (.success(let one), .success(let other)):
        let isSame =
            one.count == other.count
            && zip(one, other).allSatisfy { one, other in
                one.token == other.token && one.depth == other.depth
                    && (!one.token.hasText || input[one.text] == buffer[other.text])
            }
        return isSame ? nil : "a larger buffer gives other tokens"
    case (.failure(let one), .failure(let other)):
        let isSame = one == JSONError(other.reason, at: other.position - before.count)
        return isSame ? nil : "a larger buffer gives another error"
    default: return "a larger buffer gives another verdict"
    }
}

extension JSONToken {
    fileprivate var hasText: Bool { self == .key || self == .string || self == .number }
}

/// Every opening has its end, keys stand in objects alone, and texts follow each other.
private func faultInStructure(_ steps: [JSONStep], _ input: [UInt8]) -> String? {
    var open: [JSONToken] = []
    var isKeyed = false
    var end = 0
    for step in steps {
        let isObject = open.last == .beginObject
        switch step.token {
        case .key:
            guard isObject, !isKeyed else { return "a key has no place" }
        case .endObject, .endArray:
            let opening: JSONToken = step.token == .endObject ? .beginObject : .beginArray
            guard open.popLast() == opening, !isKeyed else { return "an end has no beginning" }
        case .end:
            return open.isEmpty && step.depth == 0 ? nil : "the text ends inside of a value"
        default:
            guard isKeyed == isObject else { return "a value and no key, or a key too many" }
            if step.token == .beginObject || step.token == .beginArray { open.append(step.token) }
        }
        isKeyed = step.token == .key
        guard step.depth == open.count, open.count <= JSONReader.depthMax else {
            return "the depth is wrong"
        }
        guard step.token.hasText else { continue }
        if let fault = faultInText(step, input, after: end) { return fault }
        end = step.text.upperBound
    }
    return "the tokens have no end"
}

private func faultInText(_ step: JSONStep, _ input: [UInt8], after end: Int) -> String? {
    guard step.text.lowerBound >= end, step.text.upperBound <= input.count else {
        return "texts overlap"
    }
    if step.token == .number {
        guard let value = Double(String(decoding: input[step.text], as: UTF8.self)) else {
            return "a number is none"
        }
        return value.isNaN ? "a number is NaN" : nil
    }
    let isQuoted =
        input[step.text.lowerBound - 1] == .quote && input[step.text.upperBound] == .quote
    guard isQuoted, step.hasEscapes == input[step.text].contains(.backslash) else {
        return "a string is not what stands between its quotes"
    }
    return nil
}

/// The tokens, without white space and with empty texts, are all that there is in the text.
private func faultInCover(_ steps: [JSONStep], _ input: [UInt8]) -> String? {
    var expected: [UInt8] = []
    var needsComma = false
    for step in steps {
        let isEnd = [.endObject, .endArray, .end].contains(step.token)
        if needsComma && !isEnd { expected.append(UInt8(ascii: ",")) }
        expected.append(contentsOf: step.token.marks.utf8)
        needsComma = ![.beginObject, .beginArray, .key].contains(step.token) && step.depth > 0
    }
    var found: [UInt8] = []
    var start = 0
    for text in steps.filter(\.token.hasText).map(\.text) {
        found += input[start..<text.lowerBound]
        start = text.upperBound
    }
    found += input[start...]
    found.removeAll { $0 == .space || $0 == .tab || $0 == .cr || $0 == .lf }
    return found == expected ? nil : "something of the text is no token"
}

extension JSONToken {
    /// What the token puts around its text.
    fileprivate var marks: String {
        switch self {
        case .beginObject: "{"
        case .endObject: "}"
        case .beginArray: "["
        case .endArray: "]"
        case .key: "\"\":"
        case .string: "\"\""
        case .true: "true"
        case .false: "false"
        case .null: "null"
        case .number, .end: ""
        }
    }
}

/// Skipping a value anywhere leads to the same rest as walking through it.
private func faultInSkipping(
    _ steps: [JSONStep], _ input: [UInt8], _ cuts: [Int]
) -> String? {
    for cut in cuts + [0, 1, 2] {
        let index = cut % steps.count
        guard startsValue(steps[index].token) else { continue }
        var reader = steps[index].before
        let outside = reader.depth
        var behind = index
        while steps[behind].depth > outside { behind += 1 }
        do throws(JSONError) {
            try reader.skipValue(input.span)
            let next = try reader.next(input.span)
            guard next == steps[behind + 1].token, reader.depth == steps[behind + 1].depth,
                !next.hasText || reader.text == steps[behind + 1].text
            else { return "another token behind a value that was skipped" }
        } catch {
            return "a value that was walked through cannot be skipped: \(error)"
        }
    }
    return nil
}

private func startsValue(_ token: JSONToken) -> Bool {
    switch token {
    case .beginObject, .beginArray, .string, .number, .true, .false, .null: true
    case .key, .endObject, .endArray, .end: false
    }
}

/// What was read and written is read as the same again.
private func faultInWriting(_ steps: [JSONStep]) -> String? {
    let values = steps.map(\.value)
    var writer = JSONWriter()
    for value in values { value.write(to: &writer) }
    let written = writer.finish()
    guard case .success(let again) = read(written) else { return "what was written is no JSON" }
    let isSame = values.elementsEqual(again.map(\.value)) { $0.saysSame(as: $1) }
    return isSame ? nil : "writing changes what is read"
}
