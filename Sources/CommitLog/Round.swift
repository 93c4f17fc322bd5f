import Bytes

/// Entries that will be written and flushed together, laid out as their frame will be.
struct Round: Sendable {
    /// Room for the header, then the entries; padded when the round is closed.
    private(set) var bytes: [UInt8]
    /// With places in the payload; positions are known when the round is closed.
    private(set) var entries: [EntryPlace] = []
    /// Set once the round is closed.
    private(set) var header: FrameHeader?

    /// Takes over `buffer`, so that its memory serves again.
    init(buffer: consuming [UInt8] = []) {
        bytes = buffer
        bytes.removeAll(keepingCapacity: true)
        bytes.append(contentsOf: repeatElement(0, count: LogFormat.frameHeaderSize))
    }

    var payloadSize: Int { bytes.count - LogFormat.frameHeaderSize }
    var isEmpty: Bool { entries.isEmpty }

    /// Whether `count` more entries of `size` bytes leave the round within its bounds.
    func takes(_ count: Int, size: Int, in limits: LogLimits) -> Bool {
        if isEmpty { return true }
        return payloadSize + size <= limits.roundSizeTarget
            && entries.count + count <= LogFormat.roundEntriesMax
    }

    /// Copies an entry to its place, and lets `finish` change it there, where its body begins.
    mutating func append(_ entry: EntryDraft, finish: (Int, inout [UInt8]) -> Void) {
        assert(header == nil, "a closed round takes no entries")
        // What fills a frame nearly is not moved again for the few bytes behind it.
        if isEmpty { bytes.reserveCapacity(LogFormat.frameSize(payload: entry.size)) }
        entries.append(EntryPlace(head: entry.head, position: payloadSize, size: entry.size))
        entry.head.encode(size: entry.size, into: &bytes)
        let place = bytes.count
        bytes.append(contentsOf: entry.prefix)
        bytes.append(contentsOf: entry.body)
        finish(place, &bytes)
    }

    /// Pads the frame and writes its header; `header` says all but sizes and checksums.
    mutating func close(_ header: FrameHeader) {
        precondition(self.header == nil, "a round is closed once")
        var header = header
        header.payloadSize = payloadSize
        header.entryCount = entries.count
        bytes.append(contentsOf: repeatElement(0, count: header.frameSize - bytes.count))
        header.payloadCRC = CRC32C.of(
            bytes.span.extracting(LogFormat.frameHeaderSize..<bytes.count))
        header.encode(into: &bytes)
        for index in entries.indices {
            entries[index].position += header.position + LogFormat.frameHeaderSize
        }
        self.header = header
        precondition(bytes.count % LogFormat.blockSize == 0, "a frame is whole blocks")
    }
}
