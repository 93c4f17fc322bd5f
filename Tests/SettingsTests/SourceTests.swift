import Testing

@testable import Settings

/// What went wrong, as the person who made the mistake reads it.
func mistake(_ body: () throws(SettingsError) -> Void) -> String? {
    do throws(SettingsError) {
        try body()
        return nil
    } catch {
        return error.message
    }
}

private func serve(_ arguments: String...) throws(SettingsError) -> ServeSettings {
    try ServeSettings(
        SettingsLayers(command: .serve, arguments: arguments, environment: []).resolved)
}

@Suite("Flags")
struct FlagTests {
    @Test("A value stands behind the flag or behind an equals sign")
    func forms() throws {
        #expect(try serve("--data", "/a", "--loops", "2").data == "/a")
        #expect(try serve("--data=/a=b").data == "/a=b")
        #expect(try serve("--data=--x").data == "--x")
        #expect(try serve("--data", "-").data == "-")
    }

    @Test(
        "A flag without a value is turned on and off",
        arguments: [
            ("--access-log", true), ("--no-access-log", false), ("--access-log=on", true),
            ("--access-log=true", true), ("--access-log=off", false), ("--access-log=false", false),
        ])
    func flags(_ argument: String, _ expected: Bool) throws {
        #expect(try serve(argument, "--loops", "1").accessLog == expected)
    }

    @Test(
        "A wrong flag is refused with what is right",
        arguments: [
            (["--lsiten", "x"], "there is no flag '--lsiten'. Did you mean --listen?"),
            (["--zebra"], "there is no flag '--zebra'."),
            (["--no-data"], "there is no flag '--no-data'."),
            (["-data", "x"], "'-data' is not a flag. Did you mean --data?"),
            (["8080"], "'8080' is not a flag."), (["--"], "'--' is not a flag."),
            (["--data"], "--data needs a value: a path."),
            (["--data", "--loops", "1"], "--data needs a value: a path."),
            (["--data="], "--data: '' is not a path."),
            (["--url", "x"], "--url is a flag of 'posthorn doctor'."),
            (["--loops", "1", "--loops=2"], "--loops: loops is given twice."),
            (["--access-log", "--no-access-log"], "--no-access-log: access-log is given twice."),
            (
                ["--no-access-log=x"],
                "there is no flag '--no-access-log'. Did you mean --access-log?"
            ),
            (
                ["--log-level", "inof"],
                "--log-level: 'inof' is not one of error, warn, info, debug. Did you mean info?"
            ),
            (["--a\u{1b}[31m"], "there is no flag '--a?[31m'."),
        ])
    func refuses(_ arguments: [String], _ message: String) {
        let found = mistake { () throws(SettingsError) in
            _ = try RawSettings(arguments: arguments, for: .serve)
        }
        #expect(found == message)
    }
}

@Suite("Environment variables")
struct EnvironmentTests {
    private func read(_ variables: [(String, String)]) throws(SettingsError) -> RawSettings {
        try RawSettings(environment: variables.map { (name: $0.0, value: $0.1) })
    }

    @Test("A variable has the flag's name in capitals, and others are not ours")
    func names() throws {
        let raw = try read([
            ("PATH", "/bin"), ("POSTHORN_MAX_BODY", "1MiB"), ("POSTHORN_ACCESS_LOG", "on"),
            ("POSTHORN", "x"), ("POSTHORN_URL", "http://10.0.0.1:1"), ("POSTHORN_MAX_BODY", "bad"),
        ])
        #expect(raw.value(.maxBody) == .size(1 << 20))
        #expect(raw.value(.accessLog) == .flag(true))
        #expect(raw.value(.url) == ServerURL("http://10.0.0.1:1").map { .url($0) })
    }

    @Test(
        "What Kubernetes sets for a Service called posthorn is passed over",
        arguments: [
            "POSTHORN_SERVICE_HOST", "POSTHORN_SERVICE_PORT", "POSTHORN_SERVICE_PORT_HTTP",
            "POSTHORN_PORT", "POSTHORN_PORT_8080_TCP", "POSTHORN_PORT_8080_TCP_ADDR",
            "POSTHORN_WEB_SERVICE_HOST", "POSTHORN_WEB_SERVICE_PORT_HTTP", "POSTHORN_WEB_PORT",
            "POSTHORN_WEB_PORT_80_TCP_PROTO",
        ])
    func kubernetes(_ name: String) throws {
        #expect(try read([(name, "tcp://10.0.0.1:8080")]) == RawSettings())
    }

    @Test("No setting has a name that Kubernetes uses")
    func noClash() {
        for setting in Setting.all {
            #expect(!setting.name.hasPrefix("port") && !setting.name.hasPrefix("service"))
            #expect(!setting.name.hasSuffix("-port"))
        }
    }

    @Test(
        "A wrong variable is refused with what is right",
        arguments: [
            (
                "POSTHORN_MAX_BDY", "1MiB",
                "the environment variable 'POSTHORN_MAX_BDY' is not a setting. "
                    + "Did you mean POSTHORN_MAX_BODY?"
            ),
            ("POSTHORN_", "", "the environment variable 'POSTHORN_' is not a setting."),
            (
                "POSTHORN_LOOPS", "257",
                "the environment variable POSTHORN_LOOPS: '257' is not a number from 0 to 256."
            ),
            ("POSTHORN_DATA", "", "the environment variable POSTHORN_DATA: '' is not a path."),
        ])
    func refuses(_ name: String, _ value: String, _ message: String) {
        let found = mistake { () throws(SettingsError) in _ = try read([(name, value)]) }
        #expect(found == message)
    }
}

@Suite("The settings file")
struct FileTests {
    @Test("Lines are names and values, with blanks, comments and any line end")
    func lines() throws {
        let text = "# a comment\n\n  data\t= /var/lib posthorn # not a comment \r\n\tloops=4\r\n"
        let raw = try RawSettings(file: [UInt8](text.utf8), path: "f")
        #expect(raw.value(.data) == .text("/var/lib posthorn # not a comment"))
        #expect(raw.value(.loops) == .count(4))
        #expect(raw.given(.loops)?.origin == .line(4, file: "f"))
        #expect(try RawSettings(file: [], path: "f") == RawSettings())
    }

    @Test(
        "A wrong line is refused with its place",
        arguments: [
            ("\nloops", "f:2: a line is 'name = value', or starts with '#'."),
            ("loop = 1", "f:1: there is no setting 'loop'. Did you mean loops?"),
            ("--loops = 1", "f:1: there is no setting '--loops'. Did you mean loops?"),
            ("loops = 1\nloops = 1", "f:2: loops is given twice."),
            ("loops = many", "f:1: 'many' is not a number from 0 to 256."),
            ("config = other", "f:1: config cannot be set in a settings file."),
            ("access-log = yes", "f:1: 'yes' is not on or off."),
            ("data = \u{FFFD}\u{0}", "f:1: '\u{FFFD}?' is not a path."),
        ])
    func refuses(_ text: String, _ message: String) {
        let found = mistake { () throws(SettingsError) in
            _ = try RawSettings(file: [UInt8](text.utf8), path: "f")
        }
        #expect(found == message)
    }

    @Test("A file that is not text is refused")
    func notText() {
        #expect(throws: SettingsError.notText(file: "f")) {
            try RawSettings(file: [0xFF, 0xFE], path: "f")
        }
    }
}
