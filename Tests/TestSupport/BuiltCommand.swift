import Foundation

/// The built command `utter`, run as a user runs it.
public enum BuiltCommand {
    /// What a run gave.
    public struct Result: Sendable {
        /// The exit code; minus the signal's number where one ended it.
        public let exitCode: Int32
        /// What was written to standard output.
        public let output: String
        /// What was written to standard error.
        public let errors: String

        /// The lines of standard output.
        public var outputLines: [Substring] { lines(output) }
        /// The lines of standard error.
        public var errorLines: [Substring] { lines(errors) }

        private func lines(_ text: String) -> [Substring] {
            text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        }
    }

    /// The executable: SwiftPM builds it beside the bundle of tests.
    public static let url: URL = {
        let folders =
            Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
            + [URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()]
        let candidates = folders.map { $0.appendingPathComponent("utter") }
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) } ?? candidates[0]
    }()

    /// Runs the command to its end.
    /// - Parameters:
    ///   - arguments: as typed after `utter`.
    ///   - standardInput: a file that is given as a pipe; nothing where it is nil.
    ///   - environment: is added to that of the tests, without `UTTER_MODEL` and `UTTER_MODELS`.
    ///   - folder: the working directory; the root of the package where it is nil.
    public static func run(
        _ arguments: [String], standardInput: URL? = nil, environment: [String: String] = [:], in folder: URL? = nil
    ) throws -> Result {
        let process = Process()
        process.executableURL = url
        process.arguments = arguments
        process.currentDirectoryURL = folder ?? Folders.package
        process.environment = ProcessInfo.processInfo.environment
            .filter { !["UTTER_MODEL", "UTTER_MODELS"].contains($0.key) }.merging(environment) { $1 }
        let scratch = try TemporaryFolder()
        let (output, errors) = (scratch.url.appendingPathComponent("out"), scratch.url.appendingPathComponent("err"))
        for file in [output, errors] { try Data().write(to: file) }
        // Files, not pipes: nothing has to be read while the command runs.
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        let pipe = Pipe()
        process.standardInput = standardInput == nil ? FileHandle.nullDevice : pipe
        try process.run()
        if let standardInput {
            try pipe.fileHandleForWriting.write(contentsOf: Data(contentsOf: standardInput))
            try pipe.fileHandleForWriting.close()
        }
        process.waitUntilExit()
        return Result(
            exitCode: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
            output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
    }
}
