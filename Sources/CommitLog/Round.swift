import Bytes

/// Entries that will be written and flushed together, laid out as their frame will be.
struct Round {
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

    mutating func append(_ head: EntryHead, body: [UInt8]) {
        assert(header == nil, "a closed round takes no entries")
        let size = LogFormat.entryHeadSize + body.count
        entries.append(EntryPlace(head: head, position: payloadSize, size: size))
        head.encode(size: size, into: &bytes)
        bytes.append(contentsOf: body)
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

    /// Gives up the memory for the next round.
    consuming func intoBuffer() -> [UInt8] { bytes }
}
