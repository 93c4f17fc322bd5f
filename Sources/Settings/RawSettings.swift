/// The settings of one source, or of several laid over each other: checked each by itself, and not
/// yet against each other.
package struct RawSettings: Equatable, Sendable {
    /// A value and where it came from.
    package struct Given: Equatable, Sendable {
        package let value: SettingValue
        package let origin: SettingOrigin
    }

    private var given: [String: Given] = [:]

    package init() {}

    /// Notes a setting, which a source may give once.
    mutating func set(
        _ setting: Setting, to text: String, _ origin: SettingOrigin
    ) throws(SettingsError) {
        guard given[setting.name] == nil else { throw .givenTwice(setting, origin) }
        guard let value = setting.kind.value(of: text) else {
            throw .badValue(text, setting, origin)
        }
        given[setting.name] = Given(value: value, origin: origin)
    }

    /// These settings, with those of `other` in their place where it has any.
    package func overridden(by other: RawSettings) -> RawSettings {
        var result = self
        result.given.merge(other.given) { _, theirs in theirs }
        return result
    }

    /// These settings, with what SIGHUP may change as `fresh` has it.
    func reread(from fresh: RawSettings) -> RawSettings {
        var result = self
        for setting in Setting.all where setting.isReread {
            result.given[setting.name] = fresh.given[setting.name]
        }
        return result
    }

    /// What was given for `setting`, if anything was.
    package func given(_ setting: Setting) -> Given? { given[setting.name] }

    /// The value of `setting`, given or built in; nil if it has no default either.
    package func value(_ setting: Setting) -> SettingValue? {
        given[setting.name]?.value ?? setting.kind.value(of: setting.defaultText)
    }
}

// The table and the structs that are built from it agree, which a test proves for every row.
extension RawSettings {
    func address(_ setting: Setting) -> ListenAddress {
        guard case .address(let address) = value(setting) else { mismatch(setting) }
        return address
    }

    func text(_ setting: Setting) -> String {
        guard case .text(let text) = value(setting) else { mismatch(setting) }
        return text
    }

    func url(_ setting: Setting) -> ServerURL {
        guard case .url(let url) = value(setting) else { mismatch(setting) }
        return url
    }

    func number(_ setting: Setting) -> Int {
        switch value(setting) {
        case .count(let number), .size(let number): return number
        case .address, .text, .url, .duration, .flag, .list, nil: mismatch(setting)
        }
    }

    func duration(_ setting: Setting) -> Duration {
        guard case .duration(let duration) = value(setting) else { mismatch(setting) }
        return duration
    }

    func flag(_ setting: Setting) -> Bool {
        guard case .flag(let flag) = value(setting) else { mismatch(setting) }
        return flag
    }

    func list(_ setting: Setting) -> [String] {
        guard case .list(let list) = value(setting) else { mismatch(setting) }
        return list
    }

    func choice<Choice: RawRepresentable<String>>(_ setting: Setting) -> Choice {
        guard let choice = Choice(rawValue: text(setting)) else { mismatch(setting) }
        return choice
    }

    private func mismatch(_ setting: Setting) -> Never {
        preconditionFailure("\(setting.name) is of another kind or has no default")
    }
}
