import Bytes

/// Reads what is kept of a segment, by the places that it had there.
package struct ArchiveReader<File: LogFile> {
    package let header: ArchiveHeader
    /// What it has of each partition.
    package let summary: SegmentSummary
    private let file: File
    /// The place of the first extent of each block of them.
    private var fences: [Int] = []

    /// Opens the archive of the segment that starts at `start`; another one is refused.
    package init(_ file: File, start: Int) throws(LogError) {
        let header = try ArchiveHeader(
            decoding: try file.read(0..<min(LogFormat.blockSize, file.size)))
        guard header.segment.start == start else { throw .foreign(.archive) }
        guard file.size == header.fileSize else { throw .damaged(.archive) }
        self.file = file
        self.header = header
        summary = try Self.summary(header, file)
        try loadFences()
    }

    private static func summary(
        _ header: ArchiveHeader, _ file: File
    ) throws(LogError) -> SegmentSummary {
        let bytes = try file.read(header.summaryPlace..<header.summaryPlace + header.summarySize)
        guard CRC32C.of(bytes.span) == header.summaryCRC else { throw .damaged(.archive) }
        let found = try SegmentSummary.decode(bytes)
        guard found.count == 1, found[0].start == header.segment.start,
            found[0].capacity == header.segment.capacity, found[0].end == header.end
        else { throw .damaged(.archive) }
        return found[0]
    }

    private mutating func loadFences() throws(LogError) {
        for block in 0..<header.fenceBlocks {
            let bytes = try self.block(at: header.fencePlace + block * LogFormat.blockSize)
            let count = min(LogFormat.archiveFencesPerBlock, header.extentBlocks - fences.count)
            for number in 0..<count { fences.append(Int(bytes.span.uint32(at: number * 4))) }
        }
    }

    private func block(at place: Int) throws(LogError) -> [UInt8] {
        let block = try file.read(place..<place + LogFormat.blockSize)
        let end = BlockWriter.checksumPlace
        guard CRC32C.of(block.span.extracting(0..<end)) == block.span.uint32(at: end) else {
            throw .damaged(.archive)
        }
        return block
    }

    package var extentBlocks: Int { header.extentBlocks }

    /// The extents of one block, in order.
    package func extents(in block: Int) throws(LogError) -> [ArchiveExtent] {
        let bytes = try self.block(at: (1 + block) * LogFormat.blockSize)
        let count = min(
            LogFormat.extentsPerBlock, header.extentCount - block * LogFormat.extentsPerBlock)
        var extents: [ArchiveExtent] = []
        extents.reserveCapacity(count)
        for number in 0..<count {
            let extent = ArchiveExtent(
                bytes.span, at: number * LogFormat.extentSize, in: header)
            guard let extent, extent.place >= extents.last?.end ?? 0,
                extent.dataPlace == extents.last.map({ $0.dataPlace + $0.size }) ?? extent.dataPlace
            else { throw .damaged(.archive) }
            extents.append(extent)
        }
        return extents
    }

    /// Reads places of the segment; what was not kept is zeros.
    package func read(_ range: Range<Int>) throws(LogError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        let found = try extents(overlapping: range)
        guard let first = found.first, let last = found.last else { return bytes }
        let origin = first.dataPlace
        guard last.dataPlace >= origin else { throw .damaged(.archive) }
        let start = header.dataPlace + origin
        let data = try file.read(start..<header.dataPlace + last.dataPlace + last.size)
        for extent in found {
            let kept = (extent.place..<extent.end).clamped(to: range)
            let from = extent.dataPlace - origin + kept.lowerBound - extent.place
            guard from >= 0, from + kept.count <= data.count else { throw .damaged(.archive) }
            bytes.replaceSubrange(
                kept.lowerBound - range.lowerBound..<kept.upperBound - range.lowerBound,
                with: data[from..<from + kept.count])
        }
        return bytes
    }

    private func extents(overlapping range: Range<Int>) throws(LogError) -> [ArchiveExtent] {
        var found: [ArchiveExtent] = []
        let behind = fences.firstIndex { $0 > range.lowerBound } ?? fences.count
        for block in max(behind - 1, 0)..<fences.count where fences[block] < range.upperBound {
            found += try extents(in: block).filter {
                $0.place < range.upperBound && $0.end > range.lowerBound
            }
        }
        return found
    }

    /// The entries of an extent, in the form of a frame that has nothing else; positions are those that
    /// the entries always had.
    package func frame(of extent: ArchiveExtent) throws(LogError) -> FoundFrame {
        let bytes = try read(extent.place..<extent.end)
        guard CRC32C.of(bytes.span) == extent.crc else { throw .damaged(.archive) }
        let origin = header.segment.start + extent.place
        let places: [EntryPlace]
        do throws(FrameFault) {
            places = try EntryPlace.all(in: bytes.span)
        } catch {
            throw .damaged(.archive)
        }
        let frame = FrameHeader(
            kind: .data, payloadSize: bytes.count, position: origin - LogFormat.frameHeaderSize,
            epoch: header.segment.epoch, entryCount: places.count, committed: 0,
            logTime: extent.logTime, previousCRC: 0, salt: header.segment.salt, payloadCRC: 0)
        let entries = places.map {
            EntryPlace(head: $0.head, position: origin + $0.position, size: $0.size)
        }
        return FoundFrame(header: frame, entries: entries, payload: bytes)
    }
}
