import Deflate

/// Takes a request's body off the connection: its framing, its content coding, its bound.
struct BodyReader: ~Copyable {
    private enum Framing {
        case done
        case length(left: Int)
        /// On the heap, since few bodies need it and every request that waits has this.
        indirect case chunked(ChunkedDecoder)
    }

    /// Bytes that are made room for because a client says that they come.
    static let roomMax = 1 << 20

    private var framing = Framing.done
    private var inflater: Inflater?
    private var sizeMax = 0
    private var taken = 0
    private var isDiscarding = false
    /// Whether the body is not what its coding says: the rest is read past, to find its end.
    private var hasBadCoding = false

    /// What is left of a body of known length.
    var lengthLeft: Int? {
        if case .length(let left) = framing { return left }
        return nil
    }

    var isPlain: Bool { inflater == nil }

    /// Prepares for a body of at most `sizeMax` bytes, before and after its coding is undone.
    mutating func begin(
        _ framing: BodyFraming, coding: ContentCoding?, sizeMax: Int, limits: HTTPLimits
    ) throws(HTTPError) {
        inflater = coding.map { Inflater(format: $0.format) }
        try begin(framing, sizeMax: sizeMax, limits: limits)
        isDiscarding = false
    }

    /// Prepares to read past a body that nobody wants.
    mutating func beginDiscarding(
        _ framing: BodyFraming, sizeMax: Int, limits: HTTPLimits
    ) throws(HTTPError) {
        inflater = nil
        try begin(framing, sizeMax: sizeMax, limits: limits)
        isDiscarding = true
    }

    /// Gives up a body that was not read to its end, and the memory that its coding needs.
    mutating func giveUp() {
        framing = .done
        inflater = nil
    }

    private mutating func begin(
        _ framing: BodyFraming, sizeMax: Int, limits: HTTPLimits
    ) throws(HTTPError) {
        self.sizeMax = sizeMax
        taken = 0
        hasBadCoding = false
        switch framing {
        case .none, .untilClose, .length(0): self.framing = .done
        case .length(let length):
            guard length <= sizeMax else { throw .bodyTooLarge(limit: sizeMax) }
            self.framing = .length(left: length)
        case .chunked: self.framing = .chunked(ChunkedDecoder(limits: limits))
        }
    }

    /// Moves body bytes from `input` to the end of `body`, and returns whether that was all.
    mutating func take(
        _ input: inout Input, into body: inout [UInt8]
    ) throws(HTTPError) -> Bool {
        switch framing {
        case .done: return true
        case .length(let left):
            let count = min(left, input.end - input.position)
            if body.isEmpty && isPlain && !isDiscarding {
                body.reserveCapacity(min(left, Self.roomMax))
            }
            try move(input.bytes, input.position..<input.position + count, into: &body)
            input.position += count
            framing = left == count ? .done : .length(left: left - count)
        case .chunked(var decoder):
            // The state goes back even where the input ends in the middle of a chunk.
            defer { if case .chunked = framing { framing = .chunked(decoder) } }
            try take(&input, with: &decoder, into: &body)
        }
        guard case .done = framing else { return false }
        try finish()
        return true
    }

    private mutating func take(
        _ input: inout Input, with decoder: inout ChunkedDecoder, into body: inout [UInt8]
    ) throws(HTTPError) {
        let bytes = input.bytes
        let span = bytes.span.extracting(first: input.end)
        while true {
            switch try decoder.advance(over: span, from: &input.position) {
            case .needMore:
                // A chunk that is too large is refused before it comes.
                guard decoder.chunkLeft <= sizeMax - taken else {
                    throw .bodyTooLarge(limit: sizeMax)
                }
                return
            case .data(let range): try move(bytes, range, into: &body)
            case .done:
                framing = .done
                return
            }
        }
    }

    private mutating func move(
        _ bytes: [UInt8], _ range: Range<Int>, into body: inout [UInt8]
    ) throws(HTTPError) {
        taken += range.count
        guard taken <= sizeMax else { throw .bodyTooLarge(limit: sizeMax) }
        if isDiscarding || hasBadCoding { return }
        guard inflater != nil else { return body.append(contentsOf: bytes[range]) }
        do throws(DeflateError) {
            try inflater?.append(bytes[range], to: &body, sizeMax: sizeMax)
        } catch {
            switch error {
            case .tooLarge(let limit): throw .bodyTooLarge(limit: limit)
            case .badData, .truncated: hasBadCoding = true
            }
        }
    }

    private mutating func finish() throws(HTTPError) {
        defer { inflater = nil }
        if hasBadCoding { throw .badContentCoding }
        do throws(DeflateError) {
            try inflater?.finish()
        } catch {
            throw .badContentCoding
        }
    }
}

extension ContentCoding {
    fileprivate var format: DeflateFormat {
        switch self {
        case .gzip: .gzip
        case .deflate: .zlib
        }
    }
}
