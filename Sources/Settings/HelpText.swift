// What `posthorn help` and `--help` print, made from the table of settings.

/// The help texts of the command line, each ending in a line feed.
package enum HelpText {
    /// The text for `posthorn help`, and for a command line that makes no sense.
    package static var overview: String {
        let width = Command.allCases.map(\.rawValue.count).reduce(0, max)
        let lines = Command.allCases.map { command in
            "  \(command.rawValue.padded(to: width))  \(command.summary)\n"
        }
        return """
            Posthorn is a message broker that speaks plain HTTP.

            Usage: posthorn COMMAND [FLAGS]

            \(lines.joined())
            'posthorn help COMMAND' explains a command and its flags.
            Exit codes: 0 done or drained, 1 failed, 2 wrong usage or settings, 3 disk or data damaged.

            """
    }

    package static func text(for command: Command) -> String {
        var text = "\(command.summary)\n\nUsage: posthorn \(command.rawValue)"
        if !command.operands.isEmpty { text += " \(command.operands)" }
        let settings = Setting.of(command)
        if settings.isEmpty { return text + "\n" }
        let width = settings.map(\.usage.count).reduce(0, max)
        text += " [FLAGS]\n\n"
        for setting in settings { text += line(setting, width: width) }
        if !readsEnvironment(command) { return text }
        return text + """

            Every flag can also be given as a variable, such as \(settings[0].variable)\
            \(settings.contains(.config) ? ",\nand as a line 'name = value' of the --config file" : "").
            A flag wins over a variable, a variable over the file.
            \(command == .serve ? "SIGHUP reads the file again; * marks what it changes.\n" : "")
            """
    }

    /// Which build this is can be asked in any environment, so that command does not look at it.
    private static func readsEnvironment(_ command: Command) -> Bool { command != .version }

    private static func line(_ setting: Setting, width: Int) -> String {
        let star = setting.isReread ? "*" : " "
        let shown = setting.defaultText.isEmpty ? "" : " [\(setting.defaultText)]"
        return " \(star) \(setting.usage.padded(to: width))  \(setting.help)\(shown)\n"
    }
}

extension Setting {
    /// The flag with a word for its value.
    fileprivate var usage: String { placeholder.map { "\(flag) \($0)" } ?? flag }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
