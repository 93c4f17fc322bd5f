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
        if settings.isEmpty { return text + "\n" + epilogue(of: command) }
        let width = settings.map(\.usage.count).reduce(0, max)
        text += " [FLAGS]\n\n"
        for setting in settings { text += line(setting, width: width) }
        return text + epilogue(of: command)
    }

    /// What there is to know about a command beside its flags.
    private static func epilogue(of command: Command) -> String {
        switch command {
        case .serve: serving
        case .check: proving
        case .bench: loading
        case .doctor: asking
        // Which build this is can be asked in any environment, so it does not look at that.
        case .version: ""
        case .help: "\n--markdown prints docs/configuration.md: every setting of every command.\n"
        }
    }

    private static let serving = """

        TIME is a number with ms, s, m, h or d, SIZE one with KiB, MiB or GiB. --no-access-log turns
        --access-log off, and so on. Every flag can also be given as a variable, such as
        POSTHORN_LISTEN, and as a line 'name = value' of the --config file. A flag wins over a
        variable, a variable over the file. docs/configuration.md says more about each.

        Signals: SIGTERM fails /readyz, and after --drain-window takes no more and ends when all is
        answered. SIGINT does the same without the window. A second one of either cuts what is left.
        SIGHUP reads the --config file again; * marks what it changes.
        Exit codes: 0 drained, 1 failed or cut, 2 wrong usage or settings, 3 disk or data damaged.

        """

    private static let proving = """

        The broker has to be stopped. Every check sum, chain, position, offset, index and checkpoint is
        held against what it stands for, by what the disk has and not by what memory remembers of it.
        Nothing is changed. A torn tail, as a crash leaves it, is no damage: a start cuts it off.
        Exit codes: 0 sound, 1 could not look, 2 wrong usage, 3 damaged.

        """

    private static let loading = """

        Each connection has one request in flight. Every one has its first answer before the clock runs.
        'posthorn bench static' says what the client can reach against an answer without work; compare
        the other figures with that one, taken in the same minute.
        Exit codes: 0 all answered well, 1 something was refused or broke, 2 wrong usage.

        """

    private static let asking = """

        Every flag can also be given as a variable, such as POSTHORN_URL. A flag wins over a variable.
        In a container it is the health check: HEALTHCHECK CMD ["posthorn", "doctor"]
        Exit codes: 0 alive and ready, 1 not, 2 wrong usage or settings.

        """

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
