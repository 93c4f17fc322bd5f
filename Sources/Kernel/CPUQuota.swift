import Glibc

/// The share of the machine's cores that a control group leaves to this process.
///
/// A container with a quota of two cores on a machine with 64 still sees all 64. As many threads
/// would use up the quota early in each period and then stand still for the rest of it.
enum CPUQuota {
    private static let fileSizeMax = 64 << 10
    private static let root = "/sys/fs/cgroup"

    /// The cores that the quota is worth, rounded up; nil where there is none.
    static func coreCount() -> Int? {
        guard let groups = text("/proc/self/cgroup") else { return nil }
        let current = unifiedPath(groups).flatMap { path in
            least(levels(of: path).map { level in cores(cpuMax: text("\(root)\(level)/cpu.max")) })
        }
        let legacy = legacyPath(groups).flatMap { path in
            least(
                levels(of: path).flatMap { level in
                    ["cpu", "cpu,cpuacct"].map { legacyCores(at: "\(root)/\($0)\(level)") }
                })
        }
        return least([current, legacy])
    }

    private static func legacyCores(at directory: String) -> Int? {
        cores(
            quota: text("\(directory)/cpu.cfs_quota_us"),
            period: text("\(directory)/cpu.cfs_period_us"))
    }

    private static func least(_ counts: [Int?]) -> Int? { counts.compactMap(\.self).min() }

    private static func text(_ path: String) -> String? {
        do throws(KernelError) {
            return String(decoding: try TextFile.read(path, sizeMax: fileSizeMax), as: UTF8.self)
        } catch {
            // No such group, or none that we may see: then it sets us no limit that we know.
            return nil
        }
    }
}

// What the files say, without reading them.
extension CPUQuota {
    /// The path of this process in the one hierarchy of version 2: the line `0::/path`.
    static func unifiedPath(_ groups: String) -> String? {
        groups.split(separator: "\n").first { $0.hasPrefix("0::/") }.map { String($0.dropFirst(3)) }
    }

    /// The path in the hierarchy of version 1 that has `cpu`: a line such as `4:cpu,cpuacct:/path`.
    static func legacyPath(_ groups: String) -> String? {
        for line in groups.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[1].split(separator: ",").contains("cpu") else { continue }
            return String(parts[2])
        }
        return nil
    }

    /// The group itself and all that hold it, each without a slash at its end.
    ///
    /// A quota on any of them counts. The root is always one, since a container may see its own
    /// group as that.
    static func levels(of path: String) -> [String] {
        var levels = [""]
        for name in path.split(separator: "/") where name != ".." {
            levels.append("\(levels[levels.count - 1])/\(name)")
        }
        return levels
    }

    /// Reads `cpu.max`: `150000 100000`, or `max 100000` for no limit.
    static func cores(cpuMax text: String?) -> Int? {
        guard let parts = text?.split(whereSeparator: \.isWhitespace), parts.count == 2 else {
            return nil
        }
        return cores(quota: String(parts[0]), period: String(parts[1]))
    }

    /// Reads `cpu.cfs_quota_us`, which is -1 for no limit, and `cpu.cfs_period_us`.
    static func cores(quota: String?, period: String?) -> Int? {
        guard let quota = number(quota), let period = number(period), quota > 0, period > 0 else {
            return nil
        }
        return quota / period + (quota % period == 0 ? 0 : 1)
    }

    private static func number(_ text: String?) -> Int? {
        text.flatMap { Int($0.split(whereSeparator: \.isWhitespace).first ?? "") }
    }
}
