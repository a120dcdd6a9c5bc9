// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func module(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

/// `cases`: tables of cases lie beside the tests in a folder of that name.
func tests(of name: String, _ dependencies: [Target.Dependency], cases: Bool = false) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies, exclude: cases ? ["Cases"] : [],
        swiftSettings: strict)
}

/// A library of Debian, with the package that holds its headers.
func library(_ name: String, package: String, pkgConfig: String? = nil) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

func benchmark(of name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: "\(name)Benchmark", dependencies: dependencies, path: "Benchmarks/\(name)", swiftSettings: strict)
}

let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let nio = ["NIOCore", "NIOPosix", "NIOHTTP1"].map { Target.Dependency.product(name: $0, package: "swift-nio") }
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")

let package = Package(
    name: "millrace",
    products: [
        .library(name: "EventPatterns", targets: ["EventPatterns"]),
        .library(name: "JSONata", targets: ["JSONata"]),
        .library(name: "StatesLanguage", targets: ["StatesLanguage"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0")
    ],
    targets: [
        library("CCrypto", package: "libssl-dev", pkgConfig: "libcrypto"),
        library("CCurl", package: "libcurl4-openssl-dev", pkgConfig: "libcurl"),
        library("CInotify", package: "libinotifytools0-dev"),
        library("CSQLite", package: "libsqlite3-dev", pkgConfig: "sqlite3"),
        library("CYAML", package: "libyaml-dev", pkgConfig: "yaml-0.1"),
        library("CZip", package: "libzip-dev", pkgConfig: "libzip"),
        .target(name: "CFunctionSpawn"),

        module("Core", ["CCrypto"]),
        module("JSONata", ["Core"]),
        module("EventPatterns", ["Core"]),
        module("StatesLanguage", ["Core", "JSONata"]),
        module("Schedules", ["Core"]),
        module("Storage", ["Core", "CSQLite"]),
        module("Events", ["Core", "Storage", lifecycle]),
        module("Logs", ["Core", "Storage", lifecycle]),
        module("Messaging", ["CCrypto", "Core", "EventPatterns", "Events", "Storage", lifecycle]),
        module("OutgoingHTTP", ["Core", "CCurl", lifecycle]),
        module("FileWatch", ["Core", "CInotify"]),
        module("Functions", ["Core", "CFunctionSpawn", deque] + nio),
        module("Workflows", ["Core", "StatesLanguage", "Storage", lifecycle]),
        module("Wire", ["Core"]),
        module("AWSModels", ["Core", "Wire"]),
        module("Project", ["Core", "CYAML"]),
        module("HostTesting", ["Core", "Storage"]),
        .executableTarget(
            name: "millrace",
            dependencies: [
                "AWSModels", "Core", "OutgoingHTTP", "Wire",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], path: "Sources/Host", swiftSettings: strict),
        .executableTarget(
            name: "ModelGenerator", dependencies: ["Core"], exclude: ["services.json", "patches.json"],
            swiftSettings: strict),

        benchmark(of: "EventPatterns", ["Core", "EventPatterns"]),
        benchmark(of: "Storage", ["Core", "CSQLite", "Storage"]),

        tests(of: "Core", []),
        tests(of: "EventPatterns", ["Core"], cases: true),
        tests(of: "Events", ["Core", "HostTesting", "Storage", lifecycle]),
        tests(of: "FileWatch", ["Core"]),
        tests(of: "Functions", ["Core", "CFunctionSpawn"] + nio),
        tests(of: "HostTesting", ["Core", "Storage"]),
        tests(of: "OutgoingHTTP", ["Core"]),
        tests(of: "Project", ["Core"]),
        tests(of: "Schedules", ["Core"], cases: true),
        .executableTarget(
            name: "StorageCrashChild", dependencies: ["Core", "Storage"], path: "Tests/StorageCrashChild",
            swiftSettings: strict),
        tests(of: "Storage", ["Core", "CSQLite", "HostTesting", "StorageCrashChild"]),
    ]
)
