// swift-tools-version: 6.1
// Utter: offline speech recognition that people own. The rooms and what each may import: docs/architecture.md.
import PackageDescription

/// A C library of the system, found through pkg-config.
func systemLibrary(_ name: String, pkgConfig: String, apt: String, brew: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt]), .brew([brew])])
}

/// A product of another package that only the workshop and the command need: without the trait it is not even fetched.
func workshop(_ name: String, package: String) -> Target.Dependency {
    .product(name: name, package: package, condition: .when(traits: ["Workshop"]))
}

// For those who work on Utter itself: UTTER_WORKBENCH=1 swift build -c release --product UtterBenchmarks
let workbench: [Target] =
    Context.environment["UTTER_WORKBENCH"] != "1"
    ? []
    : [
        .executableTarget(
            name: "UtterBenchmarks",
            dependencies: ["UtterTraining", workshop("ArgumentParser", package: "swift-argument-parser")],
            path: "Benchmarks/Sources/UtterBenchmarks")
    ]

let package = Package(
    name: "utter",
    platforms: [.macOS(.v13)],
    products: [
        .library(name: "Utter", targets: ["Utter"]),
        .library(name: "UtterTraining", targets: ["UtterTraining"]),
        .executable(name: "utter", targets: ["UtterCommand"]),
    ],
    // One trait, not several: SwiftPM passes them to the compiler in an order that changes from run to run, and each change
    // of the order would build everything again.
    traits: [
        .default(enabledTraits: ["Workshop"]),
        .trait(name: "Workshop", description: "Training and the command. An app that only recognises goes without."),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        systemLibrary("CSndFile", pkgConfig: "sndfile", apt: "libsndfile1-dev", brew: "libsndfile"),
        // A dependency of libsndfile, so it is there where that is.
        systemLibrary("CMPG123", pkgConfig: "libmpg123", apt: "libmpg123-dev", brew: "mpg123"),
        systemLibrary("CFFTW", pkgConfig: "fftw3f", apt: "libfftw3-dev", brew: "fftw"),
        systemLibrary("COpenBLAS", pkgConfig: "openblas", apt: "libopenblas-dev", brew: "openblas"),
        systemLibrary("CSoxr", pkgConfig: "soxr", apt: "libsoxr-dev", brew: "libsoxr"),
        systemLibrary("CCairo", pkgConfig: "cairo", apt: "libcairo2-dev", brew: "cairo"),
        .target(name: "Messages"),
        .target(name: "Text"),
        .target(name: "Files", dependencies: ["Messages", "Text"]),
        .target(name: "CVectorKernels"),
        .target(name: "VectorKernels", dependencies: ["CVectorKernels"]),

        // The three pillars, which know nothing of each other: audio and features, networks, CTC.
        .target(name: "AudioIO", dependencies: ["CMPG123", "CSndFile", "CSoxr", "Files", "Messages"]),
        .target(name: "Features", dependencies: ["CFFTW", "Messages", "VectorKernels"]),
        .target(name: "Networks", dependencies: ["COpenBLAS", "Messages", "VectorKernels"]),
        .target(name: "CTC", dependencies: ["Messages", "VectorKernels"]),

        .target(name: "LanguageModel", dependencies: ["Files", "Messages", "Text"]),
        .target(
            name: "Decoding", dependencies: ["CTC", "Files", "LanguageModel", "Messages", "Pronunciation", "Text"]),

        .target(name: "TensorFiles", dependencies: ["Files", "Messages"]),
        .target(name: "Pronunciation", dependencies: ["Files", "LanguageModel", "Messages", "TensorFiles"]),
        .target(
            name: "AcousticModel",
            dependencies: ["CTC", "Features", "Files", "Messages", "Networks", "TensorFiles", "VectorKernels"]),
        .target(
            name: "ModelExchange",
            dependencies: ["AcousticModel", "CTC", "Features", "Files", "Messages", "Networks", "TensorFiles"]),
        // The shipped model as a resource; the one file of Swift beside it says where it is.
        .target(
            name: "ShippedModel", path: "models", exclude: ["README.md"], sources: ["ShippedModel.swift"],
            resources: [
                .copy("english-small.safetensors"), .copy("english.lm"), .copy("english.lm.json"),
                .copy("english.lexicon"), .copy("cmudict-license.txt"),
            ]),
        .target(
            name: "Transcription",
            dependencies: [
                "AcousticModel", "AudioIO", "CTC", "Decoding", "Files", "LanguageModel", "Messages", "Pronunciation",
                "ShippedModel", "TensorFiles", "Text", "VectorKernels",
            ]),
        // The workshop, one way down: what a corpus is, how well a model does on one, how one is trained, how one is adapted.
        .target(
            name: "Corpora",
            dependencies: [
                "AcousticModel", "AudioIO", "CTC", "Features", "Files", "Messages", "Networks", "Pronunciation",
                "TensorFiles", "Text", "VectorKernels",
            ]),
        .target(
            name: "Evaluation",
            dependencies: [
                "AcousticModel", "AudioIO", "CTC", "Corpora", "Decoding", "Messages", "Networks", "Text",
                "Transcription", "VectorKernels",
            ]),
        .target(
            name: "Training",
            dependencies: [
                "AcousticModel", "AudioIO", "CTC", "Corpora", "Evaluation", "Features", "Files", "LanguageModel",
                "Messages", "Networks", "TensorFiles", "Text", "VectorKernels", workshop("Yams", package: "Yams"),
            ]),
        .target(
            name: "Adaptation",
            dependencies: [
                "AcousticModel", "CTC", "Corpora", "Decoding", "Evaluation", "Features", "Messages", "Networks",
                "Pronunciation", "Text", "Training", "Transcription", "VectorKernels",
            ]),
        .target(
            name: "Utter",
            dependencies: [
                "AcousticModel", "AudioIO", "CTC", "Decoding", "Features", "Files", "LanguageModel", "Messages",
                "Pronunciation", "TensorFiles", "Transcription", "VectorKernels",
            ]),
        .target(
            name: "UtterTraining",
            dependencies: [
                "Adaptation", "Corpora", "Evaluation", "Files", "ModelExchange", "Networks", "TensorFiles", "Training",
                "Utter",
            ]),
        // Beside the library, not in it: whoever only transcribes needs no SQLite.
        .target(
            name: "Batch",
            dependencies: [
                "AcousticModel", "AudioIO", "CTC", "Files", "Messages", "Transcription",
                workshop("GRDB", package: "GRDB.swift"),
            ]),
        // The template and style of every page of HTML; draws no pictures.
        .target(name: "Pages", dependencies: ["Messages"]),
        // Beside the library, not in it: whoever only transcribes needs no Cairo.
        .target(name: "Plotting", dependencies: ["CCairo", "Messages"]),
        .executableTarget(
            name: "UtterCommand",
            dependencies: [
                "Batch", "Files", "Messages", "Pages", "Plotting", "Transcription", "UtterTraining",
                workshop("ArgumentParser", package: "swift-argument-parser"),
                workshop("Logging", package: "swift-log"),
            ]),

        // Reference vectors, temporary folders and the built command, for the tests alone.
        .target(name: "TestSupport", dependencies: ["Networks", "TensorFiles"], path: "Tests/TestSupport"),
        .testTarget(name: "FilesTests", dependencies: ["Files", "Messages", "TestSupport"]),
        .testTarget(name: "AudioIOTests", dependencies: ["AudioIO", "TestSupport"]),
        .testTarget(name: "FeaturesTests", dependencies: ["AudioIO", "Features", "TestSupport"]),
        .testTarget(name: "NetworksTests", dependencies: ["CTC", "Networks", "TensorFiles", "TestSupport"]),
        .testTarget(name: "CTCTests", dependencies: ["CTC", "TensorFiles", "TestSupport", "VectorKernels"]),
        .testTarget(name: "LanguageModelTests", dependencies: ["LanguageModel", "TestSupport"]),
        .testTarget(
            name: "DecodingTests",
            dependencies: ["CTC", "Decoding", "LanguageModel", "Pronunciation", "TensorFiles", "TestSupport"]),
        .testTarget(
            name: "PronunciationTests", dependencies: ["Files", "LanguageModel", "Pronunciation", "TestSupport"]),
        .testTarget(name: "TensorFilesTests", dependencies: ["Files", "TensorFiles", "TestSupport"]),
        .testTarget(
            name: "AcousticModelTests",
            dependencies: [
                "AcousticModel", "AudioIO", "CTC", "Features", "Files", "Networks", "TensorFiles", "TestSupport",
            ]),
        .testTarget(name: "ModelExchangeTests", dependencies: ["AudioIO", "Files", "ModelExchange", "TestSupport"]),
        .testTarget(
            name: "TranscriptionTests",
            dependencies: ["AudioIO", "Decoding", "ShippedModel", "Transcription", "TestSupport"]),
        .testTarget(name: "BatchTests", dependencies: ["AudioIO", "Batch", "Files", "Transcription", "TestSupport"]),
        .testTarget(name: "TextTests", dependencies: ["Text"]),
        .testTarget(name: "PagesTests", dependencies: ["Pages"]),
        .testTarget(name: "PlottingTests", dependencies: ["Plotting"]),
        .testTarget(name: "CorporaTests", dependencies: ["AudioIO", "Corpora", "Files", "TestSupport"]),
        .testTarget(
            name: "EvaluationTests",
            dependencies: ["CTC", "Corpora", "Decoding", "Evaluation", "LanguageModel", "TestSupport"]),
        .testTarget(
            name: "TrainingTests",
            dependencies: [
                "AcousticModel", "AudioIO", "CTC", "Corpora", "Evaluation", "Features", "Networks", "Pronunciation",
                "TensorFiles", "TestSupport", "Training", "Transcription", "VectorKernels",
            ]),
        .testTarget(name: "AdaptationTests", dependencies: ["AcousticModel", "Adaptation", "CTC", "Corpora"]),
        .testTarget(
            name: "UtterCommandTests",
            dependencies: ["UtterCommand", "AudioIO", "TensorFiles", "TestSupport", "Transcription"],
            exclude: ["Help"]),
    ] + workbench,
    swiftLanguageModes: [.v6]
)
