import Testing

@testable import Kernel

@Suite("The status of the process")
struct ProcessStatusTests {
    @Test("tells memory, time and descriptors that can be true")
    func now() throws {
        let status = ProcessStatus.now()
        #expect(try #require(status.residentBytes) > 1 << 20)
        #expect(status.cpuNanoseconds > 0)
        let open = try #require(status.openDescriptors)
        #expect(try #require(status.descriptorMax) >= open && open >= 3)
        let now = UInt64(WallClock.now()) * 1_000_000
        let age = now - (try #require(status.startNanoseconds))
        #expect(age < 3_600_000_000_000, "the tests began within the last hour")
        #expect(ProcessStatus.now().startNanoseconds == status.startNanoseconds)
    }

    @Test(
        "reads the second number of statm in pages",
        arguments: [("100 25 3 1 0 9 0\n", 102_400), ("100", nil), ("", nil), ("a b", nil)]
            as [(String, UInt64?)])
    func statm(_ text: String, _ bytes: UInt64?) {
        #expect(ProcessStatus.residentBytes(statm: text, pageSize: 4_096) == bytes)
    }

    @Test("reads the start behind a name with spaces and brackets")
    func stat() {
        let rest = "S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 250 20 21"
        for name in ["(posthorn)", "(a b) c)", "(())"] {
            let text = "42 \(name) \(rest)\n"
            let start = ProcessStatus.startNanoseconds(stat: text, ticksPerSecond: 100)
            #expect(start == 2_500_000_000, "\(name)")
        }
        #expect(ProcessStatus.startNanoseconds(stat: "42 (x) S 1", ticksPerSecond: 100) == nil)
        #expect(ProcessStatus.startNanoseconds(stat: "", ticksPerSecond: 100) == nil)
    }
}

@Suite("Names of machines")
struct ResolverTests {
    @Test("are addresses at once where they are numeric")
    func numeric() throws {
        #expect(
            try Resolver.addresses(of: "10.1.2.3", port: 4).map(\.description) == ["10.1.2.3:4"])
        #expect(try Resolver.addresses(of: "::1", port: 80).map(\.description) == ["[::1]:80"])
    }

    @Test("have both loopbacks where they are localhost")
    func localhost() throws {
        let addresses = try Resolver.addresses(of: "localhost", port: 1)
        #expect(addresses.map(\.description) == ["127.0.0.1:1", "[::1]:1"])
    }

    @Test("fail with a reason where nobody has them")
    func unknown() {
        do throws(Resolver.Failure) {
            _ = try Resolver.addresses(of: "nowhere.invalid", port: 1)
            Issue.record("a reserved name has an address")
        } catch {
            #expect(!error.reason.isEmpty)
        }
    }
}
