// swift-tools-version: 6.3
import PackageDescription

// One line a room, and beside it the rooms it may import. The build refuses every other arrow:
// it runs with `--explicit-target-dependency-import-check error` (see Makefile).

let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    // docs/decisions/0004: what release builds leave out, and what that is worth.
    .unsafeFlags(
        ["-enforce-exclusivity=unchecked", "-cross-module-optimization"],
        .when(configuration: .release)),
]

func room(_ name: String, imports: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: imports, swiftSettings: house)
}

func tests(_ name: String, imports: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: imports, swiftSettings: house)
}

let package = Package(
    name: "posthorn",
    products: [.executable(name: "posthorn", targets: ["posthorn"])],
    targets: [
        .target(name: "CLinux"),
        .target(name: "CChecksum"),
        .target(name: "CContract"),
        .systemLibrary(name: "CZlib"),
        room("Kernel", imports: ["CLinux"]),
        room("Bytes", imports: ["CChecksum"]),
        room("Contract", imports: ["CContract"]),
        room("Deflate", imports: ["CZlib"]),
        room("Records", imports: ["Bytes", "Deflate"]),
        room("Wire", imports: ["Records"]),
        room("CommitLog", imports: ["Records", "Bytes"]),
        room("Delivery", imports: ["Wire", "Records", "CommitLog", "Bytes"]),
        room("Receipts", imports: ["Records", "Bytes"]),
        room("Groups", imports: ["Records", "Bytes"]),
        room("Coordination", imports: ["Wire", "Records", "CommitLog", "Bytes"]),
        room(
            "Storage",
            imports: [
                "CommitLog", "Delivery", "Groups", "Coordination", "Wire", "Records", "Reactor",
                "Telemetry", "Kernel", "Bytes",
            ]),
        room("HTTP", imports: ["Bytes", "Deflate"]),
        room("Reactor", imports: ["Kernel", "Bytes"]),
        room("Telemetry", imports: ["Kernel", "Bytes"]),
        room("Settings", imports: ["Bytes"]),
        room(
            "Gateway",
            imports: [
                "Wire", "Records", "Receipts", "HTTP", "Deflate", "Reactor", "Kernel", "Bytes",
                "Telemetry", "Contract",
            ]),
        room("Doctor", imports: ["HTTP", "Reactor", "Settings", "Kernel", "Bytes"]),
        room("Bench", imports: ["Records", "HTTP", "Reactor", "Settings", "Kernel", "Bytes"]),
        .executableTarget(
            name: "posthorn",
            dependencies: [
                "Bench", "Gateway", "Storage", "Coordination", "CommitLog", "Doctor", "HTTP",
                "Reactor",
                "Settings", "Telemetry", "Kernel", "Bytes",
            ],
            swiftSettings: house),

        .target(
            name: "Simulation",
            dependencies: [
                "Bytes", "HTTP", "Records", "Gateway", "Kernel", "Telemetry", "CommitLog",
                "Coordination", "Reactor", "Storage", "Wire", "Groups",
            ],
            path: "Tests/Simulation",
            swiftSettings: house),
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "Gateway", "Groups", "HTTP", "Receipts", "Records", "Bytes", "Kernel", "Simulation",
            ],
            path: "Tests/Fuzz", exclude: ["corpus"], swiftSettings: house),
        .executableTarget(
            name: "Nightly", dependencies: ["Simulation", "Kernel"], path: "Tests/Nightly",
            swiftSettings: house),
        .executableTarget(
            name: "CrashWriter",
            dependencies: ["CommitLog", "Storage", "Kernel", "Bytes", "Records"],
            path: "Tests/CrashWriter", swiftSettings: house),
        .target(
            name: "CCurl", path: "Tests/CCurl", linkerSettings: [.linkedLibrary("curl")]),
        tests("BytesTests", imports: ["Bytes", "Simulation"]),
        tests(
            "CommitLogTests", imports: ["CommitLog", "Records", "Simulation", "Kernel", "Bytes"]),
        tests(
            "CoordinationTests",
            imports: ["Coordination", "CommitLog", "Wire", "Records", "Simulation", "Kernel"]),
        tests("DeflateTests", imports: ["Deflate"]),
        tests("GroupsTests", imports: ["Groups", "Records", "Simulation"]),
        tests("ReceiptsTests", imports: ["Receipts", "Records", "Simulation", "Bytes"]),
        tests("HTTPTests", imports: ["HTTP", "Bytes", "Deflate", "Simulation"]),
        tests("KernelTests", imports: ["Kernel"]),
        tests("SimulationTests", imports: ["Simulation", "Kernel"]),
        tests(
            "GatewayTests",
            imports: [
                "Gateway", "Contract", "Coordination", "Wire", "Records", "Receipts", "HTTP",
                "Deflate", "Bytes", "Kernel", "Telemetry", "Simulation",
            ]),
        tests("RecordsTests", imports: ["Records", "Bytes", "Kernel", "Simulation"]),
        tests("ReactorTests", imports: ["Reactor", "Kernel", "Bytes"]),
        tests("TelemetryTests", imports: ["Telemetry", "Bytes"]),
        tests("DoctorTests", imports: ["Doctor", "HTTP", "Settings", "Kernel", "Bytes"]),
        tests("BenchTests", imports: ["Bench", "Records", "Settings"]),
        tests(
            "DocsTests",
            imports: [
                "posthorn", "Bench", "Gateway", "Coordination", "CommitLog", "Storage", "Doctor",
                "Groups", "HTTP", "Receipts", "Settings", "Telemetry", "Records", "Kernel", "Bytes",
            ]),
        tests(
            "StorageTests",
            imports: [
                "Storage", "Delivery", "Groups", "CommitLog", "Wire", "Records", "Kernel", "Bytes",
                "Simulation", "Coordination", "Reactor", "Telemetry",
            ]),
        tests("SettingsTests", imports: ["Settings", "Bytes", "Kernel"]),
        tests("ClientTests", imports: ["CCurl"]),
    ]
)
