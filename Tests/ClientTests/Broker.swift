// The real binary as a child process, on a port and a data directory of its own.

import Glibc

/// A running server; it is stopped when the last reference goes, or by `stop()`.
final class Broker {
    enum Failure: Error {
        case system(String, Int32)
        case doesNotListen(log: String)
    }

    let port: Int
    private let pid: pid_t
    private let directory: String
    private var exitCode: Int32?

    init(_ settings: String...) throws {
        directory = try makeDirectory()
        let log = directory + "/log"
        pid = try spawn(
            binary(),
            ["serve", "--listen", "127.0.0.1:0", "--data", directory + "/data"] + settings,
            errorsTo: log)
        guard let port = waitForPort(in: log) else {
            kill(pid, SIGKILL)
            _ = waitForExit(of: pid)
            throw Failure.doesNotListen(log: contents(of: log))
        }
        self.port = port
    }

    deinit {
        stop()
        if let remover = try? spawn("/bin/rm", ["-rf", directory], errorsTo: "/dev/null") {
            _ = waitForExit(of: remover)
        }
    }

    /// What the server has logged so far.
    var log: String { contents(of: directory + "/log") }

    var isAlive: Bool { exitCode == nil && kill(pid, 0) == 0 }

    func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    /// Ends the server without its drain window, and returns its exit code.
    @discardableResult
    func stop() -> Int32 {
        if let exitCode { return exitCode }
        kill(pid, SIGINT)
        let code = waitForExit(of: pid)
        exitCode = code
        return code
    }
}

/// The product beside the test bundle: both are in the build's directory.
private func binary() -> String {
    var path = [CChar](repeating: 0, count: 4096)
    let size = unsafe readlink("/proc/self/exe", &path, path.count)
    let bytes = path.prefix(max(size, 0)).map { UInt8(bitPattern: $0) }
    let bundle = String(decoding: bytes, as: UTF8.self)
    let directory = bundle.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return directory.joined(separator: "/") + "/posthorn"
}

private func makeDirectory() throws -> String {
    var template = Array("/tmp/posthorn-client-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw Broker.Failure.system("mkdtemp", errno) }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Starts a program with an empty environment: a leftover variable would change what is tested.
private func spawn(
    _ program: String, _ arguments: [String], errorsTo log: String
) throws -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    unsafe posix_spawn_file_actions_addopen(
        &actions, 2, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)

    var words: [UnsafeMutablePointer<CChar>?] =
        unsafe ([program] + arguments).map { unsafe strdup($0) }
    unsafe words.append(nil)
    defer { while let word = unsafe words.popLast() { unsafe free(word) } }
    var environment: [UnsafeMutablePointer<CChar>?] = unsafe [nil]
    var pid: pid_t = 0
    let code = unsafe posix_spawn(&pid, program, &actions, nil, &words, &environment)
    guard code == 0 else { throw Broker.Failure.system("posix_spawn \(program)", code) }
    return pid
}

/// The exit code, or the number of the signal that ended it, negated.
private func waitForExit(of pid: pid_t) -> Int32 {
    var status: Int32 = 0
    while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
    return status & 0x7f == 0 ? status >> 8 & 0xff : -(status & 0x7f)
}

private func waitForPort(in log: String) -> Int? {
    for _ in 0..<1000 {
        let parts = contents(of: log).split(separator: "listening address=127.0.0.1:")
        if parts.count == 2 {
            let digits = parts[1].prefix { $0.isNumber }
            // The line may be half written.
            if digits.endIndex < parts[1].endIndex { return Int(digits) }
        }
        usleep(10_000)
    }
    return nil
}

private func contents(of path: String) -> String {
    let file = unsafe open(path, O_RDONLY)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = unsafe read(file, &piece, piece.count)
        guard count > 0 else { break }
        bytes += piece[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
}
