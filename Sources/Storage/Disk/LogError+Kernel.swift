import CommitLog
import Kernel

extension LogError {
    /// What a failed call on a file or a name means for the log.
    ///
    /// Room may run out where something is made, and the log goes on when there is some again. In a
    /// file that was made whole it does not run out, so there it is a failed disk like any other.
    init(_ error: KernelError, whileMaking: Bool = false) {
        if error.isNotFound {
            self = .noSuchFile
        } else if whileMaking, error.isNoSpace {
            self = .noSpace
        } else {
            self = .disk(code: error.code)
        }
    }
}
