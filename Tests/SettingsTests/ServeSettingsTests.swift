import Kernel
import Testing

@testable import Settings

@Suite("The settings of a command")
struct ServeSettingsTests {
    private func layers(
        _ arguments: [String], _ environment: [String: String] = [:], file: String? = nil
    ) throws -> SettingsLayers {
        var layers = try SettingsLayers(
            command: .serve, arguments: arguments,
            environment: environment.map { (name: $0.key, value: $0.value) })
        if let file { try layers.setFile([UInt8](file.utf8), path: "f") }
        return layers
    }

    @Test("Every default is a value of its row, and every row builds its struct")
    func defaults() throws {
        for setting in Setting.all where setting != .config {
            #expect(setting.kind.value(of: setting.defaultText) != nil, "\(setting.name)")
        }
        let serve = try ServeSettings(RawSettings())
        #expect(serve.listen == ListenAddress("127.0.0.1:8080"))
        #expect(serve.maxBody == 8 << 20)
        #expect(serve.idleTimeout == .seconds(75))
        #expect(serve.logLevel == .info && serve.logFormat == .logfmt)
        #expect(serve.corsOrigins.isEmpty && !serve.accessLog && !serve.allowAnonymous)
        #expect(DoctorSettings(RawSettings()).timeout == .seconds(5))
        #expect(!VersionSettings(RawSettings()).json)
    }

    @Test("What makes the disk full comes after what warns, and before what makes it scarce")
    func diskMarks() throws {
        let serve = try ServeSettings(RawSettings())
        #expect([serve.diskWarnAt, serve.diskFullAt, serve.diskScarceAt] == [85, 92, 97])
        let same = ["--disk-warn-at", "100", "--disk-full-at", "100", "--disk-scarce-at", "100"]
        #expect(try ServeSettings(layers(same).resolved).diskWarnAt == 100)
        for flags in [["--disk-warn-at", "93"], ["--disk-scarce-at", "91"]] {
            #expect(throws: SettingsError.self) { try ServeSettings(layers(flags).resolved) }
        }
    }

    @Test("Names are unique, and so are the variables they become")
    func unique() {
        #expect(Set(Setting.all.map(\.name)).count == Setting.all.count)
        #expect(Set(Setting.all.map(\.variable)).count == Setting.all.count)
        #expect(Setting.maxConnectionsPerAddress.variable == "POSTHORN_MAX_CONNECTIONS_PER_ADDRESS")
    }

    @Test("A flag wins over a variable, a variable over the file, the file over the default")
    func precedence() throws {
        let file = "loops = 1\ndata = file\nmax-body = 1MiB"
        let environment = ["POSTHORN_LOOPS": "2", "POSTHORN_DATA": "environment"]
        let serve = try ServeSettings(layers(["--loops", "3"], environment, file: file).resolved)
        #expect(serve.loops == 3)
        #expect(serve.data == "environment")
        #expect(serve.maxBody == 1 << 20)
        #expect(serve.minBodyRate == 1_024)
    }

    @Test("The file is named by a flag or a variable")
    func configPath() throws {
        #expect(try layers([]).configPath == nil)
        #expect(try layers([], ["POSTHORN_CONFIG": "/e"]).configPath == "/e")
        #expect(try layers(["--config", "/f"], ["POSTHORN_CONFIG": "/e"]).configPath == "/f")
        let doctor = try SettingsLayers(
            command: .doctor, arguments: [], environment: [(name: "POSTHORN_CONFIG", value: "/e")])
        #expect(doctor.configPath == nil)
    }

    @Test(
        "An address that others can reach needs a word", arguments: ["0.0.0.0:8080", "[::]:8080"])
    func anonymous(_ address: String) throws {
        let open = try layers(["--listen", address]).resolved
        let message = mistake { () throws(SettingsError) in _ = try ServeSettings(open) }
        #expect(message?.contains("--allow-anonymous") == true)
        #expect(message?.contains(address) == true)
        let allowed = try layers(["--listen", address, "--allow-anonymous"]).resolved
        #expect(try ServeSettings(allowed).allowAnonymous)
    }

    @Test("A drain does not wait longer than it may take")
    func drain() throws {
        let raw = try layers(["--drain-window", "5s", "--drain-timeout=4s"]).resolved
        #expect(throws: SettingsError.drainWindowTooLong(window: .seconds(5), timeout: .seconds(4)))
        {
            try ServeSettings(raw)
        }
    }

    @Test("Reading again changes what it may and names what it may not")
    func reread() throws {
        var source = try layers(["--max-body", "2MiB"], file: "log-level = warn\nloops = 1")
        let before = try ServeSettings(source.resolved)
        let text = "idle-timeout = 5s\nloops = 2\nmax-body = 1MiB\nlog-format = logfmt"
        try source.setFile([UInt8](text.utf8), path: "f")
        let (after, needRestart) = try before.reread(from: ServeSettings(source.resolved))
        #expect(after.logLevel == .info)
        #expect(after.idleTimeout == .seconds(5))
        #expect(after.maxBody == 2 << 20)
        #expect(after.loops == 1)
        #expect(needRestart == ["loops"])
    }

    @Test("A file that is wrong leaves the settings as they were")
    func wrongFile() throws {
        var source = try layers([], file: "loops = 1")
        let before = source.resolved
        #expect(throws: SettingsError.self) {
            try source.setFile([UInt8]("loops = x".utf8), path: "f")
        }
        #expect(source.resolved == before)
    }
}

@Suite("The texts made from the table")
struct TextTests {
    @Test("The help of a command names each of its flags with its default")
    func help() {
        for command in Command.allCases {
            let text = HelpText.text(for: command)
            #expect(text.hasPrefix(command.summary) && text.hasSuffix("\n"))
            for setting in Setting.of(command) {
                #expect(text.contains("\(setting.flag) ") && text.contains(setting.defaultText))
            }
            #expect(HelpText.overview.contains("  \(command.rawValue) "))
        }
    }

    @Test("Help on serve names the signals, and help on what ends by itself the exit codes")
    func epilogues() {
        let serve = HelpText.text(for: .serve)
        for word in ["SIGTERM", "SIGINT", "SIGHUP", "Exit codes: 0"] {
            #expect(serve.contains(word))
        }
        #expect(HelpText.text(for: .doctor).contains("Exit codes: 0"))
        #expect(HelpText.text(for: .help).contains("--markdown prints"))
    }

    @Test("Help fits a line of 100 columns")
    func width() {
        let texts = Command.allCases.map(HelpText.text) + [HelpText.overview]
        for line in texts.joined().split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
    }

    @Test("docs/configuration.md is what the table says; `make docs` writes it again")
    func page() throws {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let page = try TextFile.read("/\(root)/docs/configuration.md", sizeMax: 1 << 20)
        #expect(String(decoding: page, as: UTF8.self) == ConfigurationPage.text)
    }
}
