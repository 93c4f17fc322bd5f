/// The bounds of one log's memory and frames; tests make them small.
package struct LogLimits: Equatable, Sendable {
    package var payloadSizeMax = LogFormat.payloadSizeMax
    package var roundSizeTarget = LogFormat.roundSizeTarget
    package var waitingSizeMax = LogFormat.waitingSizeMax
    /// Buffers of rounds that are kept for the next ones.
    package var spareBuffersMax = 4

    package init() {}

    /// The smallest segment that can hold any frame, its header and its seal.
    package var segmentCapacityMin: Int {
        LogFormat.frameSize(payload: payloadSizeMax) + 2 * LogFormat.blockSize
    }
}
