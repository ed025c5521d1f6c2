// swift-tools-version: 6.1
// Small programs that use Utter as an app does. How they are built and run: scripts/check-examples.sh.
import PackageDescription

let recognition = Target.Dependency.product(name: "Utter", package: "utter")
let training = Target.Dependency.product(name: "UtterTraining", package: "utter")

func example(_ name: String, _ dependencies: [Target.Dependency] = [recognition]) -> Target {
    .executableTarget(name: name, dependencies: ["ExampleSupport"] + dependencies)
}

let package = Package(
    name: "utter-examples",
    platforms: [.macOS(.v13)],
    dependencies: [
        // An app names a URL and a version here. One that only recognises adds `traits: []`, and what training and the command
        // need is not even fetched.
        .package(name: "utter", path: "..")
    ],
    targets: [
        // The end of every example: an error is one line, and the exit code says so.
        .target(name: "ExampleSupport"),
        example("TranscribeFile"),
        example("SamplesInMemory"),
        example("LiveEvents"),
        example("HearHotWords"),
        example("HearCommands"),
        example("CancelTask"),
        example("EightTasks"),
        example("MakeAdapter", [recognition, training]),
    ],
    swiftLanguageModes: [.v6]
)
