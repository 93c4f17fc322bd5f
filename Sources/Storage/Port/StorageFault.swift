package import CommitLog

/// Why storage cannot start, and what an operator can do about it.
package enum StorageFault: Error, Equatable {
    /// The directory says that it has more shards than are wanted.
    case fewerShards(asked: Int, kept: Int)
    /// The cookie names a log that has no segment.
    case lost(LogName)
    /// There is no cookie, but a log that holds something.
    case stranger(LogName)
    /// Whose data it is cannot be read.
    case badCookie(LogError)
    case log(LogName, LogError)
    /// A file beside the logs.
    case directory(LogError)

    /// What is kept is damaged: trying again does not help.
    package var isDamage: Bool {
        switch self {
        case .fewerShards, .stranger, .directory: false
        case .lost: true
        case .badCookie(let error), .log(_, let error): error.isDamage
        }
    }

    package var reason: String {
        switch self {
        case .fewerShards(let asked, let kept):
            "the data is spread over \(kept) shards, and \(asked) are asked for"
        case .lost(let log): "\(log) has no segment, though the cookie says that it has data"
        case .stranger(let log): "\(log) holds data, and there is no cookie that says whose"
        case .badCookie(let error): "the cookie \(error.words)"
        case .log(let log, let error): "\(log): a file \(error.words)"
        case .directory(let error): "a file of the data directory \(error.words)"
        }
    }

    package var fix: String {
        switch self {
        case .fewerShards(_, let kept): "ask for \(kept) shards, or more"
        case .lost: "put the data back, from where it was moved or from a backup"
        case .stranger: "put the cookie back, or give this server another data directory"
        case .badCookie(let error), .log(_, let error), .directory(let error): error.fix
        }
    }
}

extension LogError {
    var isDamage: Bool {
        switch self {
        case .damaged, .noSuchFile, .foreign: true
        case .disk, .noSpace, .poisoned, .tooLarge, .overloaded, .unsupported: false
        }
    }

    /// What is wrong with the file that it is about.
    var words: String {
        switch self {
        case .disk(let code): "cannot be read or written: error \(code)"
        case .noSpace: "finds no room on the disk"
        case .noSuchFile: "is missing"
        case .damaged(let kind): "is damaged (\(kind))"
        case .foreign(let kind): "belongs to other data (\(kind))"
        case .unsupported(let kind, let version): "is of version \(version) (\(kind))"
        case .poisoned, .tooLarge, .overloaded: "cannot be written"
        }
    }

    fileprivate var fix: String {
        switch self {
        case .disk: "look after the disk, and at the system's own log; then start again"
        case .noSpace: "make room on the disk"
        case .noSuchFile, .damaged: "put the data back from a backup"
        case .foreign: "put each directory back where it was: they are of different data"
        case .unsupported: "start a later version of Posthorn, such as the one that wrote it"
        case .poisoned, .tooLarge, .overloaded: "start again"
        }
    }
}
