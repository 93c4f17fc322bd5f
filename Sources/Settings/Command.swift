/// What the program can be asked to do.
package enum Command: String, CaseIterable, Sendable {
    case serve, doctor, version, help

    /// One line for the list of commands.
    package var summary: String {
        switch self {
        case .serve: "Run a broker on this machine."
        case .doctor: "Ask a running broker how it is."
        case .version: "Say which build this is."
        case .help: "Explain a command, or list them all."
        }
    }

    /// What stands between the name of the command and its flags.
    package var operands: String { self == .help ? "[COMMAND] [--markdown]" : "" }
}
