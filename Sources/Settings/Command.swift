/// What the program can be asked to do.
package enum Command: String, CaseIterable, Sendable {
    case serve, check, bench, doctor, version, help

    /// One line for the list of commands.
    package var summary: String {
        switch self {
        case .serve: "Run a broker on this machine."
        case .check: "Prove every byte that a stopped broker has kept."
        case .bench: "Put a load on a running broker, and say how fast it is."
        case .doctor: "Ask a running broker how it is."
        case .version: "Say which build this is."
        case .help: "Explain a command, or list them all."
        }
    }

    /// What stands between the name of the command and its flags.
    package var operands: String {
        switch self {
        case .help: "[COMMAND] [--markdown]"
        case .check: "[DIR]"
        case .bench: BenchWorkload.allCases.map(\.rawValue).joined(separator: "|")
        case .serve, .doctor, .version: ""
        }
    }

    /// The setting that a word without a flag gives.
    package var operand: Setting? {
        switch self {
        case .check: .data
        case .bench: .workload
        case .serve, .doctor, .version, .help: nil
        }
    }
}
