// swift-tools-version: 6.0
// Benchmarks of Utter, apart from its tests. How they are run beside other tools: compare.py.
import PackageDescription

let package = Package(
    name: "utter-benchmarks",
    platforms: [.macOS(.v13)],
    dependencies: [
        .package(name: "utter", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    ],
    targets: [
        .executableTarget(
            name: "UtterBenchmarks",
            dependencies: [
                .product(name: "Utter", package: "utter"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
