// What can be wrong with the settings, and the one place that puts it into words.

internal import Bytes

/// Where a setting was given.
package enum SettingOrigin: Equatable, Sendable, CustomStringConvertible {
    case builtIn
    case flag(String)
    /// A word without a flag.
    case operand
    case variable(String)
    case line(Int, file: String)

    package var description: String {
        switch self {
        case .builtIn: "the default"
        case .flag(let name): name
        case .operand: "the command line"
        case .variable(let name): "the environment variable \(name)"
        case .line(let number, let file): "\(file):\(number)"
        }
    }
}

/// A mistake in the command line, the environment or the settings file.
package enum SettingsError: Error, Equatable, Sendable {
    case unknownFlag(String, nearest: String?)
    case unknownVariable(String, nearest: String?)
    case unknownName(String, SettingOrigin, nearest: String?)
    case flagOfAnotherCommand(String, owner: Command)
    case unexpectedArgument(String, nearest: String?)
    case missingValue(Setting)
    case badValue(String, Setting, SettingOrigin)
    case givenTwice(Setting, SettingOrigin)
    case notInFile(Setting, SettingOrigin)
    case badLine(SettingOrigin)
    case notText(file: String)
    case unreadable(file: String, reason: String)
    case needsAuthentication(ListenAddress)
    case diskMarksOutOfOrder(Int, Int, Int)
    case drainWindowTooLong(window: Duration, timeout: Duration)
}

extension SettingsError {
    /// One sentence or two for the person who made the mistake.
    package var message: String {
        switch self {
        case .unknownFlag(let flag, let nearest):
            "there is no flag \(flag.shown)." + hint(nearest)
        case .unknownVariable(let name, let nearest):
            "the environment variable \(name.shown) is not a setting." + hint(nearest)
        case .unknownName(let name, let origin, let nearest):
            "\(origin): there is no setting \(name.shown)." + hint(nearest)
        case .flagOfAnotherCommand(let flag, let owner):
            "\(flag) is a flag of 'posthorn \(owner.rawValue)'."
        case .unexpectedArgument(let argument, let nearest):
            "\(argument.shown) is not a flag." + hint(nearest)
        case .missingValue(let setting):
            "\(setting.flag) needs a value: \(setting.kind.expectation)."
        case .badValue(let text, let setting, let origin):
            "\(origin): \(text.shown) is not \(setting.kind.expectation)."
                + hint(setting.kind.nearestChoice(to: text)) + setting.kind.advice(on: text)
        case .givenTwice(let setting, let origin): "\(origin): \(setting.name) is given twice."
        case .notInFile(let setting, let origin):
            "\(origin): \(setting.name) cannot be set in a settings file."
        case .badLine(let origin): "\(origin): a line is 'name = value', or starts with '#'."
        case .notText(let file): "\(file.shown) is not UTF-8 text."
        case .unreadable(let file, let reason): "\(file.shown) cannot be read: \(reason)."
        case .needsAuthentication(let address):
            "listening on \(address) would let in everyone who can reach it. Listen on 127.0.0.1, "
                + "or say --allow-anonymous if something in front decides who may come in."
        case .diskMarksOutOfOrder(let warn, let full, let scarce):
            "disk-warn-at (\(warn)), disk-full-at (\(full)) and disk-scarce-at (\(scarce)) have to "
                + "grow in this order, or be the same."
        case .drainWindowTooLong(let window, let timeout):
            "drain-window (\(window.human)) is longer than drain-timeout (\(timeout.human)). "
                + "Make one shorter or the other longer."
        }
    }

    private func hint(_ nearest: String?) -> String {
        nearest.map { " Did you mean \($0)?" } ?? ""
    }
}

extension SettingKind {
    fileprivate func nearestChoice(to text: String) -> String? {
        guard case .choice(let choices) = self else { return nil }
        return nearestName(to: text, in: choices)
    }

    /// What to do where the value is right in itself, and cannot be had here.
    fileprivate func advice(on text: String) -> String {
        switch self {
        case .url where text.asciiLowercased.hasPrefix("https://"):
            return " TLS is not built in: ask the address behind what ends TLS."
        case .listenAddress:
            let local = "127.0.0.1:" + text.drop { $0 == ":" }
            return ListenAddress(local) == nil ? "" : " Did you mean \(local)?"
        default: return ""
        }
    }
}

extension String {
    /// In quotes, cut short, and without anything that a terminal could act on.
    package var shown: String {
        var text = "'"
        for scalar in unicodeScalars.prefix(100) {
            text += scalar.isASCII && UInt8(ascii: scalar).isControl ? "?" : String(scalar)
        }
        return text + (unicodeScalars.count > 100 ? "…'" : "'")
    }

    /// The same without the quotes.
    package var plain: String { String(shown.dropFirst().dropLast()) }
}
