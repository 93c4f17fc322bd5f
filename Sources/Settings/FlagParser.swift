internal import Bytes

extension RawSettings {
    /// Reads `--name value`, `--name=value`, and `--name` or `--no-name` for flags; a word without a flag
    /// is the command's operand, if it takes one.
    package init(arguments: [String], for command: Command) throws(SettingsError) {
        self.init()
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            try take(argument, &rest, for: command)
        }
    }

    private mutating func take(
        _ argument: String, _ rest: inout ArraySlice<String>, for command: Command
    ) throws(SettingsError) {
        if let operand = command.operand, !argument.hasPrefix("-") {
            return try set(operand, to: argument, .operand)
        }
        guard argument.hasPrefix("--"), argument.utf8.count > 2 else {
            throw .unexpectedArgument(argument, nearest: nearestFlag(to: argument, for: command))
        }
        let parts = argument.dropFirst(2).split(
            separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        let value = parts.count == 2 ? String(parts[1]) : nil
        if value == nil, let flag = negated(name) {
            try check(flag, for: command)
            return try set(flag, to: "off", .flag("--\(name)"))
        }
        guard let setting = Setting.named(name) else {
            throw .unknownFlag("--\(name)", nearest: nearestFlag(to: name, for: command))
        }
        try check(setting, for: command)
        if let value { return try set(setting, to: value, .flag(setting.flag)) }
        try set(setting, to: nextValue(of: setting, &rest), .flag(setting.flag))
    }

    /// The flag that `--no-name` turns off.
    private func negated(_ name: String) -> Setting? {
        guard name.hasPrefix("no-"), let setting = Setting.named(String(name.dropFirst(3))) else {
            return nil
        }
        return setting.kind == .flag ? setting : nil
    }

    /// A value that starts with two dashes was more likely forgotten; `--name=--value` gives one.
    private func nextValue(
        of setting: Setting, _ rest: inout ArraySlice<String>
    ) throws(SettingsError) -> String {
        if setting.kind == .flag { return "on" }
        guard let next = rest.first, !next.hasPrefix("--") else { throw .missingValue(setting) }
        rest.removeFirst()
        return next
    }

    private func check(_ setting: Setting, for command: Command) throws(SettingsError) {
        if setting.commands.contains(command) { return }
        throw .flagOfAnotherCommand(setting.flag, owner: setting.commands[0])
    }

    private func nearestFlag(to typed: String, for command: Command) -> String? {
        let name = String(typed.drop { $0 == "-" })
        let names = Setting.of(command).map(\.name)
        return nearestName(to: name, in: names).map { "--\($0)" }
    }
}
