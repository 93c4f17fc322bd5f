import Glibc
import Kernel

/// A directory of a test's own, removed when the last reference goes.
final class Place {
    enum Failure: Error {
        case system(String, Int32)
    }

    let path: String

    /// Makes one under `root`: by default where the build is, on a real disk as a rule.
    init(under root: String = "/tmp") throws {
        var template = Array("\(root)/posthorn-storage-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw Failure.system("mkdtemp", errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        do { _ = try run("/bin/rm", ["-rf", path]) } catch { print("left behind: \(path)") }
    }
}

/// A file system of its own, under a directory of its own.
final class Mount {
    let place: Place
    var path: String { place.path }

    /// Nil where this user or this machine may not mount.
    init?(_ kind: String, size: Int? = nil) throws {
        place = try Place()
        let options = size.map { ["-o", "size=\($0)"] } ?? []
        let code = try run("/bin/mount", ["-t", kind] + options + [kind, place.path])
        guard code == 0 else { return nil }
    }

    deinit {
        do { _ = try run("/bin/umount", ["-l", path]) } catch { print("still mounted: \(path)") }
    }
}

/// Runs a program to its end, in silence, and returns its exit code; -1 where a signal ended it.
func run(_ program: String, _ arguments: [String]) throws -> Int32 {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    for descriptor in Int32(0)...2 {
        unsafe posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    var words: [UnsafeMutablePointer<CChar>?] =
        unsafe ([program] + arguments).map { unsafe strdup($0) }
    unsafe words.append(nil)
    defer { while let word = unsafe words.popLast() { unsafe free(word) } }
    var environment: [UnsafeMutablePointer<CChar>?] = unsafe [nil]
    var pid: pid_t = 0
    let code = unsafe posix_spawn(&pid, program, &actions, nil, &words, &environment)
    if code == ENOENT { return 127 }
    guard code == 0 else { throw Place.Failure.system("posix_spawn \(program)", code) }
    var status: Int32 = 0
    while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
    return status & 0x7f == 0 ? status >> 8 & 0xff : -1
}
