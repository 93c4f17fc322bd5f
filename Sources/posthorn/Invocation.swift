// What the words on the command line ask for. Standard output carries only what was asked for;
// everything else goes to standard error.

import Bytes
import Doctor
import Kernel
import Settings

/// One run of the program.
struct Invocation {
    private let arguments: [String]
    private let environment: [(name: String, value: String)]

    /// `arguments` are the words behind the name of the program.
    init(arguments: [String], environment: [(name: String, value: String)]) {
        self.arguments = arguments
        self.environment = environment
    }

    /// Does what was asked for.
    func run() -> ExitCode {
        guard let word = arguments.first else { return refuse("name a command.") }
        let rest = Array(arguments.dropFirst())
        switch word {
        case "--help", "-h": return show(HelpText.overview)
        case "--version": return version([])
        default: break
        }
        guard let command = Command(rawValue: word) else {
            return refuse("there is no command \(word.shown).\(hint(on: word))")
        }
        if command != .help, rest.contains("--help") || rest.contains("-h") {
            return show(HelpText.text(for: command))
        }
        return run(command, rest)
    }

    private func run(_ command: Command, _ rest: [String]) -> ExitCode {
        switch command {
        case .serve: serve(rest)
        case .check: check(rest)
        case .bench: bench(rest)
        case .doctor: doctor(rest)
        case .version: version(rest)
        case .help: help(rest)
        }
    }

    private func serve(_ arguments: [String]) -> ExitCode {
        do throws(SettingsError) {
            var source = try SettingsSource(
                command: .serve, arguments: arguments, environment: environment)
            let settings = try ServeSettings(source.read())
            return runServe(settings, source: source)
        } catch {
            return refuse(error.message, .serve)
        }
    }

    private func check(_ arguments: [String]) -> ExitCode {
        do throws(SettingsError) {
            let layers = try SettingsLayers(
                command: .check, arguments: arguments, environment: environment)
            return runCheck(CheckSettings(layers.resolved))
        } catch {
            return refuse(error.message, .check)
        }
    }

    private func bench(_ arguments: [String]) -> ExitCode {
        do throws(SettingsError) {
            let layers = try SettingsLayers(
                command: .bench, arguments: arguments, environment: environment)
            return load(BenchSettings(layers.resolved))
        } catch {
            return refuse(error.message, .bench)
        }
    }

    private func doctor(_ arguments: [String]) -> ExitCode {
        do throws(SettingsError) {
            let layers = try SettingsLayers(
                command: .doctor, arguments: arguments, environment: environment)
            return examine(DoctorSettings(layers.resolved))
        } catch {
            return refuse(error.message, .doctor)
        }
    }

    private func examine(_ settings: DoctorSettings) -> ExitCode {
        let report = Doctor.examine(settings.url, timeout: settings.timeout)
        let timeout = settings.timeout.human
        if settings.json {
            print(report.json(timeout: timeout), terminator: "")
        } else if report.wasReached {
            print(report.text(timeout: timeout), terminator: "")
        } else {
            say("posthorn: \(report.text(timeout: timeout))")
        }
        return report.isWell ? .success : .failure
    }

    private func version(_ arguments: [String]) -> ExitCode {
        do throws(SettingsError) {
            // No variables: which build this is can be asked in any environment.
            let layers = try SettingsLayers(
                command: .version, arguments: arguments, environment: [])
            let isJSON = VersionSettings(layers.resolved).json
            return show(
                isJSON ? String(decoding: Version.json, as: UTF8.self) : Version.line + "\n")
        } catch {
            return refuse(error.message, .version)
        }
    }

    private func help(_ arguments: [String]) -> ExitCode {
        switch arguments {
        case [], ["--help"], ["-h"]: return show(HelpText.overview)
        case ["--markdown"]: return show(ConfigurationPage.text)
        default: break
        }
        guard arguments.count == 1, let command = Command(rawValue: arguments[0]) else {
            let words = arguments.joined(separator: " ").shown
            return refuse("there is no help on \(words).\(hint(on: arguments[0]))")
        }
        return show(HelpText.text(for: command))
    }

    /// The command that was meant, or the one that a flag belongs behind.
    private func hint(on word: String) -> String {
        if word == "-v" || word == "-V" { return " Did you mean '--version'?" }
        if let owner = Setting.owner(of: word) {
            return " A flag stands behind its command: 'posthorn \(owner.rawValue) \(word.plain)'."
        }
        let nearest = nearestName(to: word, in: Command.allCases.map(\.rawValue))
        return nearest.map { " Did you mean '\($0)'?" } ?? ""
    }

    private func show(_ text: String) -> ExitCode {
        print(text, terminator: "")
        return .success
    }

    /// Says what is wrong, and where to read how it is right.
    private func refuse(_ message: String, _ command: Command? = nil) -> ExitCode {
        if let command {
            say("posthorn: \(message)\nSee 'posthorn \(command.rawValue) --help'.\n")
        } else {
            say("posthorn: \(message)\n\n\(HelpText.overview)")
        }
        return .usage
    }

    private func say(_ text: String) {
        _ = StandardError.write([UInt8](text.utf8)[...], mayBlock: true)
    }
}
