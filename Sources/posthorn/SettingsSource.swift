import Kernel
import Settings

/// The settings of this run, whose file can be read again while the program runs.
struct SettingsSource: Sendable {
    /// A settings file is a page of text; more is a mistake.
    static let fileSizeMax = 256 << 10

    private var layers: SettingsLayers

    init(
        command: Command, arguments: [String], environment: [(name: String, value: String)]
    ) throws(SettingsError) {
        layers = try SettingsLayers(
            command: command, arguments: arguments, environment: environment)
    }

    /// Reads the settings file, if there is one, and lays flags and variables over it.
    ///
    /// When it throws, the settings that were read before are still here.
    mutating func read() throws(SettingsError) -> RawSettings {
        guard let path = layers.configPath else { return layers.resolved }
        try layers.setFile(try Self.bytes(path), path: path)
        return layers.resolved
    }

    private static func bytes(_ path: String) throws(SettingsError) -> [UInt8] {
        do throws(KernelError) {
            return try TextFile.read(path, sizeMax: fileSizeMax)
        } catch {
            throw .unreadable(file: path, reason: error.reason)
        }
    }
}
