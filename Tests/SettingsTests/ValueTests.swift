import Testing

@testable import Settings

@Suite("Values")
struct ValueTests {
    @Test(
        "Addresses",
        arguments: [
            ("127.0.0.1:8080", "127.0.0.1", 8080, true), ("localhost:0", "127.0.0.1", 0, true),
            ("0.0.0.0:80", "0.0.0.0", 80, false), ("127.255.0.9:1", "127.255.0.9", 1, true),
            ("[::1]:8080", "::1", 8080, true), ("[::]:65535", "::", 65535, false),
            ("[0:0:0:0:0:0:0:1]:1", "0:0:0:0:0:0:0:1", 1, true),
            ("[fe80::1]:1", "fe80::1", 1, false),
            ("[1:2:3:4:5:6:7::]:1", "1:2:3:4:5:6:7::", 1, false), ("[::0001]:1", "::0001", 1, true),
        ] as [(String, String, UInt16, Bool)])
    func addresses(_ text: String, _ host: String, _ port: UInt16, _ isLoopback: Bool) throws {
        let address = try #require(ListenAddress(text))
        #expect(address.host == host && address.port == port && address.isLoopback == isLoopback)
    }

    @Test(
        "What is not an address",
        arguments: [
            "", ":", ":8080", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:+1",
            "127.0.0.1:080800", "127.0.0:1", "127.0.0.256:1", "127.0.0.01:1", "127.0.0.1.1:1",
            "example.org:80", "::1:8080", "[::1]", "[::1]8080", "[]:1", "[:]:1", "[:::]:1",
            "[1::2::3]:1", "[1:2:3:4:5:6:7]:1", "[1:2:3:4:5:6:7:8:9]:1", "[12345::]:1", "[g::]:1",
            "[1:]:1", "[:1]:1", "[1:2:3:4:5:6:7:8::]:1", "[::ffff:1.2.3.4]:1", "127.0.0.1:8080 ",
        ])
    func notAddresses(_ text: String) { #expect(ListenAddress(text) == nil) }

    @Test(
        "Each kind takes the ends of its range and refuses what is beyond",
        arguments: [
            (.loops, "0", "256", ["-1", "257", "", "1.0", "+1", "99999999999999999999"]),
            (.maxConnections, "0", "1000000", ["1000001"]),
            (.maxBody, "1KiB", "1GiB", ["1023", "1073741825", "1.5MiB", "lots"]),
            (.minBodyRate, "1", "1GiB", ["0"]),
            (.headerTimeout, "10ms", "1h", ["9ms", "3601s", "0", "forever"]),
            (.idleTimeout, "10ms", "1d", ["25h"]), (.drainWindow, "0", "10m", ["11m"]),
            (.drainTimeout, "0s", "1h", ["2h"]),
            (.logLevel, "error", "debug", ["INFO", "trace", ""]),
            (.logFormat, "logfmt", "json", ["xml"]), (.accessLog, "on", "off", ["1", "yes", ""]),
        ] as [(Setting, String, String, [String])])
    func ranges(_ setting: Setting, _ low: String, _ high: String, _ wrong: [String]) {
        #expect(setting.kind.value(of: low) != nil)
        #expect(setting.kind.value(of: high) != nil)
        for text in wrong { #expect(setting.kind.value(of: text) == nil, "\(text)") }
    }

    @Test(
        "Origins are exact",
        arguments: [
            ("", []), ("*", ["*"]), ("https://a.example", ["https://a.example"]),
            ("http://a:1, https://b", ["http://a:1", "https://b"]),
            ("http://[::1]:3000", ["http://[::1]:3000"]),
        ] as [(String, [String])])
    func origins(_ text: String, _ expected: [String]) {
        #expect(SettingKind.origins.value(of: text) == .list(expected))
    }

    @Test(
        "What is not an origin",
        arguments: [
            "a.example", "https://", "https://a/", "https://a/x", "https://A", "*,https://a",
            "ftp://a",
            "https://a,", "https://a:", "https://a:65536", "https://*.a", "https://a b",
            "https://u@a",
            "https://[::1", "null",
        ])
    func notOrigins(_ text: String) { #expect(SettingKind.origins.value(of: text) == nil) }

    @Test(
        "A broker's URL has nothing behind the port",
        arguments: [
            ("http://127.0.0.1:8080", "127.0.0.1", 8_080), ("http://broker", "broker", 80),
            ("http://broker:1/", "broker", 1),
            ("http://My_Broker.a-b:65535", "My_Broker.a-b", 65_535),
            ("http://[::1]:8080", "::1", 8_080), ("http://[fe80::1]/", "fe80::1", 80),
        ] as [(String, String, UInt16)])
    func urls(_ text: String, _ host: String, _ port: UInt16) throws {
        let url = try #require(ServerURL(text))
        #expect(url.host == host && url.port == port)
        #expect("http://\(url.authority)" == url.description && !url.description.hasSuffix("/"))
        #expect(SettingKind.url.value(of: text) == .url(url))
    }

    @Test(
        "What is not a broker's URL",
        arguments: [
            "", "https://broker", "http://", "http:///", "http://broker//", "http://broker/x",
            "broker:8080", "http://broker:", "http://broker:0", "http://broker:65536",
            "http://broker:+1", "http://a@b", "http://a b", "http://[::1", "http://[::1]1",
            "http://[1.2.3.4]", "http://::1", "http://a?b", "HTTP://a",
        ])
    func notURLs(_ text: String) { #expect(SettingKind.url.value(of: text) == nil) }

    @Test(
        "Whoever gives a port alone is told the address",
        arguments: [("8080", "8080"), (":8080", "8080"), ("x:8080", nil), ("99999", nil)]
            as [(String, String?)])
    func portAlone(_ text: String, _ port: String?) {
        let message = SettingsError.badValue(text, .listen, .flag("--listen")).message
        let hint = port.map { " Did you mean 127.0.0.1:\($0)?" } ?? ""
        #expect(message.hasSuffix("such as 127.0.0.1:8080 or [::1]:8080.\(hint)"))
    }

    @Test("That TLS is not built in is said to whoever asks for it")
    func https() {
        let error = SettingsError.badValue("https://broker", .url, .flag("--url"))
        #expect(
            error.message == "--url: 'https://broker' is not http://HOST:PORT, such as "
                + "http://127.0.0.1:8080. TLS is not built in: ask the address behind what ends TLS."
        )
    }
}
