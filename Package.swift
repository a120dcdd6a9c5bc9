// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Half of the start and of the memory at rest was a loader that looked up 65,000 exported names and wrote 140,000
/// addresses: nothing is exported, and the addresses are packed, which GNU's gold cannot do.
let smallImage: [LinkerSetting] = [
    .unsafeFlags(
        [
            "-use-ld=lld", "-Xlinker", "--no-export-dynamic", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
            "-Xlinker", "--icf=safe",
        ], .when(configuration: .release))
]

func module(
    _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

/// `cases`: tables of cases lie beside the tests in a folder of that name.
func tests(of name: String, _ dependencies: [Target.Dependency], cases: Bool = false) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies, exclude: cases ? ["Cases"] : [],
        swiftSettings: strict)
}

func benchmark(_ name: String, _ dependencies: [Target.Dependency], path: String? = nil, exclude: [String] = [])
    -> Target
{
    .executableTarget(
        name: "\(name)Benchmark", dependencies: dependencies, path: path ?? "Benchmarks/\(name)", exclude: exclude,
        swiftSettings: strict)
}

/// A program that tests start and kill.
func child(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: strict)
}

/// A library of Debian, with the package that holds its headers.
func library(_ name: String, package: String, pkgConfig: String? = nil) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let nio = ["NIOCore", "NIOPosix", "NIOHTTP1"].map { Target.Dependency.product(name: $0, package: "swift-nio") }

let package = Package(
    name: "millrace",
    products: [
        .executable(name: "millrace", targets: ["millrace"]),
        .library(name: "EventPatterns", targets: ["EventPatterns"]),
        .library(name: "JSONata", targets: ["JSONata"]),
        .library(name: "StatesLanguage", targets: ["StatesLanguage"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        library("CCrypto", package: "libssl-dev", pkgConfig: "libcrypto"),
        library("CSQLite", package: "libsqlite3-dev", pkgConfig: "sqlite3"),
        library("CTLS", package: "libssl-dev", pkgConfig: "libssl"),
        library("CYAML", package: "libyaml-dev", pkgConfig: "yaml-0.1"),
        library("CZip", package: "libzip-dev", pkgConfig: "libzip"),
        library("CZlib", package: "zlib1g-dev", pkgConfig: "zlib"),
        .target(name: "CCurl"),
        .systemLibrary(name: "CFileSystem"),
        .target(name: "CFolding"),
        .target(name: "CFunctionSpawn"),

        // The language cores: values in, values out.
        module("Core", ["CCrypto", "CZlib"]),
        module("JSONata", ["Core"]),
        module("EventPatterns", ["Core"]),
        module("StatesLanguage", ["Core", "JSONata"]),
        module("Schedules", ["Core"]),

        // What the host keeps and runs.
        module("Storage", ["Core", "CSQLite"]),
        module("Metering", ["Core", "Storage"], resources: [.embedInCode("Prices/us-east-1.json")]),
        module(
            "Events",
            ["Core", "EventPatterns", "Metering", "OutgoingHTTP", "Schedules", "Storage", lifecycle]),
        module("Logs", ["Core", "Events", "Metering", "Storage", lifecycle]),
        module("FileWatch", ["Core"]),
        module("Objects", ["CFileSystem", "Core", "FileWatch", "Storage"]),
        module("OutgoingHTTP", ["Core", "CCurl", lifecycle]),
        module(
            "Messaging", ["CCrypto", "Core", "EventPatterns", "Events", "OutgoingHTTP", "Storage", lifecycle]),
        module("Functions", ["CFunctionSpawn", "CZip", "Core", "Storage", deque] + nio),
        module("Workflows", ["Core", "Metering", "StatesLanguage", "Storage", lifecycle]),

        // AWS's wire.
        module("Wire", ["CFolding", "Core"]),
        module("AWSModels", ["Core", "Wire"]),
        module("Gateway", ["CTLS", "Core", "Wire", lifecycle] + nio),
        module(
            "Services",
            [
                "AWSModels", "Core", "EventPatterns", "Events", "Functions", "JSONata", "Logs", "Messaging", "Metering",
                "Objects", "OutgoingHTTP", "Schedules", "StatesLanguage", "Storage", "Wire", "Workflows", lifecycle,
            ] + nio,
            resources: [
                .embedInCode("IAM/Data/managed-policies.json"), .embedInCode("IAM/Data/service-linked-roles.json"),
            ]),

        // The program.
        module("Project", ["Core", "CYAML"]),
        .executableTarget(
            name: "millrace",
            dependencies: [
                "AWSModels", "CFunctionSpawn", "Core", "EventPatterns", "Events", "Functions", "Gateway", "Logs",
                "Messaging", "Metering", "Objects", "OutgoingHTTP", "Project", "Schedules", "Services",
                "StatesLanguage", "Storage",
                "Wire", "Workflows",
                arguments, lifecycle, logging,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ] + nio, path: "Sources/Host", swiftSettings: strict, linkerSettings: smallImage),
        module("HostTesting", ["CZip", "Core", "Storage"]),
        .executableTarget(
            name: "ModelGenerator", dependencies: ["Core"], exclude: ["services.json", "patches.json"],
            swiftSettings: strict),
        .executableTarget(name: "OperationsPage", dependencies: ["Wire"], swiftSettings: strict),

        benchmark("EventPatterns", ["Core", "EventPatterns"]),
        benchmark("Functions", ["Core", "Functions"] + nio, path: "Benchmarks/Functions/Benchmark"),
        .executableTarget(name: "FunctionsBenchmarkPoller", path: "Benchmarks/Functions/Poller"),
        benchmark("Gateway", ["AWSModels", "Core", "Gateway", "Services", "Wire"] + nio),
        benchmark("JSON", ["Core"]),
        benchmark("JSONata", ["Core", "JSONata"], exclude: ["compare.mjs", "expressions.json"]),
        benchmark("Objects", ["Core", "FileWatch", "Objects", "Schedules", "Storage"]),
        .executableTarget(
            name: "PeersBenchmarkBound", dependencies: ["Core"], path: "Benchmarks/Peers/Bound", swiftSettings: strict),
        .executableTarget(name: "PeersBenchmarkLoad", path: "Benchmarks/Peers/Load", swiftSettings: strict),
        benchmark("StatesLanguage", ["Core", "StatesLanguage"]),
        benchmark("Storage", ["Core", "CSQLite", "Metering", "Storage"]),
        benchmark("Workflows", ["Core", "HostTesting", "StatesLanguage", "Storage", "Workflows"]),

        child("ObjectsCrashChild", ["Core", "Objects", "Storage"]),
        child("StorageCrashChild", ["Core", "Storage"]),
        tests(of: "Core", []),
        tests(of: "EventPatterns", ["Core"], cases: true),
        tests(
            of: "Events",
            [
                "Core", "EventPatterns", "HostTesting", "Metering", "OutgoingHTTP", "Schedules", "Storage", lifecycle,
            ]),
        tests(of: "FileWatch", ["Core"]),
        tests(of: "Functions", ["CFunctionSpawn", "Core", "HostTesting", "Storage"] + nio),
        tests(of: "Gateway", ["AWSModels", "Core", "Services", "Wire"] + nio),
        .testTarget(
            name: "HostTests",
            dependencies: [
                "millrace", "AWSModels", "Core", "Events", "HostTesting", "Project", "Storage", "Wire",
            ], exclude: ["Cases"], swiftSettings: strict),
        tests(of: "HostTesting", ["Core", "Storage"]),
        tests(of: "JSONata", ["Core"], cases: true),
        tests(of: "Logs", ["Core"]),
        tests(
            of: "Messaging", ["CCrypto", "Core", "Events", "HostTesting", "OutgoingHTTP", "Storage", lifecycle]),
        tests(of: "Metering", ["Core", "HostTesting", "Storage"], cases: true),
        tests(of: "ModelGenerator", ["Core", "Wire"]),
        tests(of: "Objects", ["Core", "FileWatch", "HostTesting", "ObjectsCrashChild", "Storage"]),
        tests(of: "OperationsPage", []),
        tests(of: "OutgoingHTTP", ["Core"]),
        tests(of: "Project", ["Core"]),
        tests(
            of: "Services",
            [
                "AWSModels", "Core", "Events", "Functions", "Gateway", "HostTesting", "Logs", "Messaging", "Metering",
                "Objects", "OutgoingHTTP", "StatesLanguage", "Storage", "Wire", "Workflows", lifecycle,
            ] + nio, cases: true),
        tests(of: "Schedules", ["Core"], cases: true),
        tests(of: "StatesLanguage", ["Core"], cases: true),
        tests(of: "Storage", ["Core", "CSQLite", "HostTesting", "StorageCrashChild"]),
        tests(of: "Wire", ["AWSModels", "Core"]),
        tests(of: "Workflows", ["Core", "HostTesting", "StatesLanguage", "Storage"], cases: true),
    ]
)
