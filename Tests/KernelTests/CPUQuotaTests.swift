import Testing

@testable import Kernel

@Suite("The CPU quota")
struct CPUQuotaTests {
    @Test(
        "Version 2 is worth its quota by its period, rounded up",
        arguments: [
            ("max 100000\n", nil), ("100000 100000\n", 1), ("150000 100000\n", 2),
            ("200000 100000", 2), ("1000 100000\n", 1), ("6400000 100000\n", 64),
            ("25000 50000\n", 1), ("", nil), ("100000", nil), ("x y", nil), ("0 100000", nil),
            ("-1 100000", nil), ("100000 0", nil), ("1 2 3", nil),
        ] as [(String, Int?)])
    func unified(_ text: String, _ cores: Int?) { #expect(CPUQuota.cores(cpuMax: text) == cores) }

    @Test(
        "Version 1 has the same in two files, and -1 for no limit",
        arguments: [
            ("-1\n", "100000\n", nil), ("50000\n", "100000\n", 1), ("350000\n", "100000\n", 4),
            (nil, "100000\n", nil), ("100000\n", nil, nil), ("100000\n", "0\n", nil),
            ("\n", "\n", nil),
        ] as [(String?, String?, Int?)])
    func legacy(_ quota: String?, _ period: String?, _ cores: Int?) {
        #expect(CPUQuota.cores(quota: quota, period: period) == cores)
    }

    @Test("The path in each version is found among the lines")
    func paths() {
        let mixed =
            "5:cpuset:/a\n4:cpu,cpuacct:/docker/x:y\n1:name=systemd:/z\n0::/system.slice/p\n"
        #expect(CPUQuota.unifiedPath(mixed) == "/system.slice/p")
        #expect(CPUQuota.legacyPath(mixed) == "/docker/x:y")
        #expect(CPUQuota.unifiedPath("4:cpu:/a\n") == nil)
        #expect(CPUQuota.legacyPath("0::/\n3:cpuset:/b\n") == nil)
        #expect(CPUQuota.unifiedPath("") == nil && CPUQuota.legacyPath("") == nil)
    }

    @Test("Every level above a group counts, and the root always")
    func levels() {
        #expect(CPUQuota.levels(of: "/") == [""])
        #expect(CPUQuota.levels(of: "/a/b") == ["", "/a", "/a/b"])
        #expect(CPUQuota.levels(of: "/../../a") == ["", "/a"])
    }

    @Test("There is a core at least")
    func machine() { #expect(Machine.coreCount() >= 1) }
}
