// How files come to stand in a directory. A last name is given to whole and flushed files only, so
// that one which is not whole is damage and never a leftover. None of this is on the commit path.

extension LogDirectory {
    /// Makes the next segment of zeros, or of one that is no longer wanted, and returns its file.
    package func makeSegment(
        _ header: SegmentHeader, recycling old: Int? = nil
    ) throws(LogError) -> File {
        let name = FileName.segment(at: header.start)
        let file = try blank(name + ".tmp", size: header.capacity, recycling: old)
        precondition(file.size == header.capacity, "a segment has the size its header says")
        try file.write(header.encoded(), at: 0)
        try file.flush()
        try rename(name + ".tmp", to: name)
        try synchronise()
        return file
    }

    private func blank(
        _ name: String, size: Int, recycling old: Int?
    ) throws(LogError) -> File {
        guard let old else { return try create(name, size: size) }
        // The old name is gone for good before the header is overwritten; a crash between the two
        // would else leave a segment whose name and header disagree.
        try rename(FileName.segment(at: old), to: name)
        try synchronise()
        return try open(name)
    }

    /// Overwrites the first block of frames that `LogEnd.cut` leaves out, and of a torn one behind.
    ///
    /// From the last to the first, each flushed before the next: whenever the power goes, what is left
    /// is a log that ends earlier, and never a hole with a frame behind it.
    package func erase(frames positions: [Int], in segment: SegmentHeader) throws(LogError) {
        let file = try open(FileName.segment(at: segment.start))
        let zeros = [UInt8](repeating: 0, count: LogFormat.blockSize)
        for position in positions.sorted(by: >) where position < segment.limit {
            precondition(position >= segment.firstFrame, "the segment's header stays")
            try file.write(zeros, at: position - segment.start)
            try file.flush()
        }
    }

    /// Writes a file whole under its last name, in place of one that has it.
    package func makeFile(_ name: String, _ bytes: [UInt8]) throws(LogError) {
        let file = try create(name + ".tmp", size: bytes.count)
        try file.write(bytes, at: 0)
        try file.flush()
        try rename(name + ".tmp", to: name)
        try synchronise()
    }

    package func readFile(_ name: String) throws(LogError) -> [UInt8] {
        let file = try open(name)
        return try file.read(0..<file.size)
    }

    /// Writes a checkpoint, and removes all but the newest two.
    package func makeCheckpoint(_ checkpoint: Checkpoint) throws(LogError) {
        try makeFile(FileName.checkpoint(at: checkpoint.position), checkpoint.encoded())
        for position in try checkpoints().dropFirst(LogFormat.checkpointsKept) {
            try remove(FileName.checkpoint(at: position))
        }
    }

    /// The positions of the checkpoints, newest first.
    package func checkpoints() throws(LogError) -> [Int] {
        let positions = try names().compactMap { name -> Int? in
            if case .checkpoint(let position) = FileName(name) { return position }
            return nil
        }
        return positions.sorted(by: >)
    }
}
