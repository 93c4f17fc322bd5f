// docs/configuration.md, made from the table of settings. A test compares the file with this.

/// The page of documentation about all settings, in Markdown.
package enum ConfigurationPage {
    package static var text: String {
        var text = introduction
        for command in [Command.serve, .check, .bench, .doctor, .version] {
            text += "\n## posthorn \(command.rawValue)\n\n\(command.summary)\n\n"
            text += table(Setting.of(command))
            for setting in Setting.of(command) where setting.commands[0] == command {
                text += section(setting)
            }
        }
        return text
    }

    private static let introduction = """
        # Configuration

        <!-- Made by `make docs` from the table of settings. Do not edit. -->

        Posthorn runs without any settings. Each one can be given in three ways, and the first of \
        these that has it wins:

        1. a flag: `--max-body 1MiB` or `--max-body=1MiB`; an on-off flag is `--access-log` or \
        `--no-access-log`,
        2. an environment variable: `POSTHORN_MAX_BODY=1MiB`,
        3. a line of the file named by `--config` or `POSTHORN_CONFIG`: `max-body = 1MiB`.

        In the file a line that starts with `#` is a comment, and a value is the rest of its line: \
        there are no quotes. A name or value that is wrong, or given twice in one place, stops the \
        program with exit code 2 and a message that says where it stands.

        Times are numbers with `ms`, `s`, `m`, `h` or `d`; a bare number is seconds. Sizes are \
        numbers with `KiB`, `MiB`, `GiB` or `kB`, `MB`, `GB`; a bare number is bytes. On-off \
        settings are `on` or `off` (`true` or `false`).

        `SIGHUP` reads the file again and takes from it the settings marked *re-read* below; the \
        others need a restart. If the file is wrong, the message is logged and nothing changes.

        A variable that starts with `POSTHORN_` and is none of these is refused, because a name \
        that was spelled wrong would otherwise go unnoticed. The ones that Kubernetes sets for a \
        Service called `posthorn` (`POSTHORN_PORT`, `POSTHORN_PORT_…`, `POSTHORN_SERVICE_…`) or \
        `posthorn-…` are passed over.

        Exit codes: 0 done or drained, 1 failed, 2 wrong usage or settings, 3 disk or data damaged.

        """

    private static func table(_ settings: [Setting]) -> String {
        var text = "| setting | value | default | re-read |\n|---|---|---|---|\n"
        for setting in settings {
            let standard = setting.defaultText.isEmpty ? "" : "`\(setting.defaultText)`"
            text += "| [`\(setting.name)`](#\(setting.name)) | \(setting.kind.description) "
            text += "| \(standard) | \(setting.isReread ? "yes" : "") |\n"
        }
        return text
    }

    private static func section(_ setting: Setting) -> String {
        "\n### \(setting.name)\n\n\(setting.help) \(setting.doc)\n\n"
            + "`\(setting.flag)`, `\(setting.variable)`\n"
    }
}

extension SettingKind {
    /// The expectation without its examples, for a cell of a table.
    fileprivate var description: String {
        switch self {
        case .listenAddress: "`HOST:PORT`"
        case .origins: "`*` or origins"
        case .choice(let choices): choices.map { "`\($0)`" }.joined(separator: ", ")
        case .path, .url, .count, .size, .duration, .flag:
            String(expectation.prefix { $0 != "," })
        }
    }
}
