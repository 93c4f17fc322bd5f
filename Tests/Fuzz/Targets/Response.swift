import HTTP

/// An exchange ends the same way however its answer is cut.
func checkResponse(_ input: [UInt8], cuts: [Int]) -> FuzzVerdict {
    let method: Method = input.count % 4 == 0 ? .head : .get
    let whole = exchange(input, [], method)
    guard exchange(input, cuts, method) == whole else {
        return .failed("another outcome with cuts at \(cuts)")
    }
    guard exchange(input, Array(input.indices), method) == whole else {
        return .failed("another outcome byte by byte")
    }
    guard case .success(let outcome) = whole else { return .refused }
    guard outcome.body.count <= min(input.count, bodySizeMax) else {
        return .failed("the body passed its bound")
    }
    return outcome.isWhole ? .accepted : .refused
}

private let bodySizeMax = 64

private struct Outcome: Equatable {
    var head = ResponseHead()
    var headBytes: [UInt8] = []
    var body: [UInt8] = []
    var isWhole = false
}

private func exchange(
    _ input: [UInt8], _ cuts: [Int], _ method: Method
) -> Result<Outcome, HTTPError> {
    var exchange = ClientExchange(
        method, limits: smallLimits(input.count), bodySizeMax: bodySizeMax)
    var outcome = Outcome()
    var start = 0
    do throws(HTTPError) {
        for end in cuts + [input.count] {
            exchange.feed(input[start..<end])
            start = end
            reading: while true {
                switch try exchange.next() {
                case .head: break
                case .body(let range): outcome.body += exchange.input[range]
                case .needMore, .done: break reading
                }
            }
        }
    } catch {
        return .failure(error)
    }
    outcome.isWhole = exchange.endInput()
    outcome.head = exchange.head
    outcome.headBytes = exchange.headBytes
    return .success(outcome)
}
