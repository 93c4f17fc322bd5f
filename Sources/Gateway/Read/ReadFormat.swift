/// The forms that messages are read in, in the order in which a route offers them.
package enum ReadFormat: Int, CaseIterable, Hashable, Sendable {
    case json, lines, events, frames
    /// Frames, with batches as they rest where they fit.
    case storedFrames

    /// What a route of reads produces, for `Request.answerType`.
    package static let produces = [
        "application/json", "application/x-ndjson", "text/event-stream",
        "application/vnd.posthorn.batch",
    ]

    /// What a route of single messages produces; the first is whatever the message is of.
    package static let producesOne = ["*/*", "application/json"]

    /// About what stands around a message beside what its publisher said, in bytes.
    var sizeAround: Int {
        switch self {
        case .json, .lines: 192
        case .events: 256
        case .frames: 64
        case .storedFrames: 16
        }
    }

    var contentType: String {
        switch self {
        case .json: Self.produces[0]
        case .lines: Self.produces[1]
        case .events: Self.produces[2]
        case .frames: Self.produces[3]
        case .storedFrames: Self.produces[3] + ";stored=1"
        }
    }
}
