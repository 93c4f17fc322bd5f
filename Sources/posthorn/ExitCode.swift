/// How the program ends; scripts and supervisors rely on these.
enum ExitCode: Int32 {
    /// Done, or drained.
    case success = 0
    case failure = 1
    /// Wrong usage or settings: starting again will not help.
    case usage = 2
    /// The disk or the data on it is damaged: starting again may make it worse.
    case damage = 3
}
