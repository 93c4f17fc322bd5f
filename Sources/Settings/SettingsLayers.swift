// Flags win over variables, variables over the file, the file over the defaults. The command line
// and the environment stand still while the program runs; the file may be read again.

/// The settings of a command by source, from which the ones that hold are resolved.
package struct SettingsLayers: Sendable {
    package let command: Command
    private let flags: RawSettings
    private let environment: RawSettings
    private var file = RawSettings()

    package init(
        command: Command, arguments: [String], environment: [(name: String, value: String)]
    ) throws(SettingsError) {
        self.command = command
        flags = try RawSettings(arguments: arguments, for: command)
        self.environment = try RawSettings(environment: environment)
    }

    /// The settings file to read, if the command takes one and one was named.
    package var configPath: String? {
        guard Setting.config.commands.contains(command) else { return nil }
        guard case .text(let path) = environment.overridden(by: flags).value(.config) else {
            return nil
        }
        return path
    }

    /// Puts the settings of a file in the place of those that were read from it before.
    package mutating func setFile(_ bytes: [UInt8], path: String) throws(SettingsError) {
        file = try RawSettings(file: bytes, path: path)
    }

    package var resolved: RawSettings {
        file.overridden(by: environment).overridden(by: flags)
    }
}
