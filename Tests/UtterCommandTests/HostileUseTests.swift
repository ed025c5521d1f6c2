import Foundation
import TestSupport
import Testing

/// Ways of calling the command that once ended badly.
@Suite struct HostileUseTests {
    private let folder: TemporaryFolder
    private let lamp = Folders.package.appendingPathComponent("audio/turn-on-the-lamp.wav")

    init() throws { folder = try TemporaryFolder() }

    /// Runs a line of shell in which `utter` is the built command.
    private func shell(_ line: String) throws -> (exitCode: Int32, output: String, errors: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", "utter() { '\(BuiltCommand.url.path)' \"$@\"; }; \(line)"]
        process.currentDirectoryURL = Folders.package
        let (output, errors) = (folder.url.appendingPathComponent("out"), folder.url.appendingPathComponent("err"))
        for file in [output, errors] { try Data().write(to: file) }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return (
            process.terminationStatus, try String(contentsOf: output, encoding: .utf8),
            try String(contentsOf: errors, encoding: .utf8)
        )
    }

    @Test("a full or closed standard output is one line and exit code 1")
    func fullOutput() throws {
        for line in [
            "transcribe '\(lamp.path)' >/dev/full", "info '\(lamp.path)' >/dev/full", "info '\(lamp.path)' >&-",
        ] {
            let result = try shell("utter \(line)")
            #expect(result.exitCode == 1, "\(line)")
            #expect(result.errors.hasPrefix("error: standard output cannot be written"), "\(result.errors)")
            #expect(result.errors.split(separator: "\n").count == 1)
        }
    }

    @Test("where nobody can read standard error the work is done all the same")
    func fullErrors() throws {
        for redirection in ["2>/dev/full", "2>&-"] {
            let result = try shell("utter transcribe missing.wav '\(lamp.path)' \(redirection)")
            #expect(result.exitCode == 1)
            #expect(result.output == "\(lamp.path): turn on the lamp\n")
        }
    }

    @Test("an output that is also an input is refused, and the input is whole afterwards")
    func outputOverInput() throws {
        let bytes = Array(try Data(contentsOf: lamp))
        let path = try folder.write(bytes, to: "in.wav")
        try FileManager.default.createSymbolicLink(atPath: folder.path("link.wav"), withDestinationPath: path)
        for output in [path, folder.path("link.wav")] {
            let result = try BuiltCommand.run(["transcribe", path, "--output", output])
            #expect(result.exitCode == 1)
            #expect(result.errors.contains("is also read"))
            #expect(try Array(Data(contentsOf: URL(fileURLWithPath: path))) == bytes)
        }
    }

    @Test("info reads a recording from a pipe whole")
    func infoOfPipe() throws {
        let result = try shell("utter info <(cat '\(lamp.path)')")
        #expect(result.exitCode == 0)
        #expect(result.output.contains("16000 Hz"))
    }

    @Test("options that make absurd sizes are refused before any file is opened")
    func absurdSizes() throws {
        for arguments in [
            ["--window", "10000", "--mel-bands", "1024", "--sample-rate", "192000"],
            ["--sample-rate", "4000", "--mel-bands", "200"], ["--kind", "fbank", "--coefficients", "13"],
        ] {
            let result = try BuiltCommand.run(["features", "missing.wav", "--output", "x.npy"] + arguments)
            #expect(result.exitCode == 2, "\(arguments)")
        }
    }

    @Test("a damaged file is named even when quiet, for it decides the exit code")
    func quietDamage() throws {
        let path = try folder.write(Array(try Data(contentsOf: lamp)).dropLast(4000), to: "cut.wav")
        let result = try BuiltCommand.run(["transcribe", "--quiet", path])
        #expect(result.exitCode == 1)
        #expect(result.errorLines.count == 1)
    }

    @Test("an instruction set that is not there is said to be ignored")
    func unknownInstructionSet() throws {
        let result = try BuiltCommand.run(["transcribe", lamp.path], environment: ["UTTER_KERNELS": "mmx"])
        #expect(result.exitCode == 0)
        #expect(result.errors.hasPrefix("warning: UTTER_KERNELS: \"mmx\""))
    }

    @Test("time to compute features grows with the length, not with its square")
    func linearTime() throws {
        // Eight minutes took 2.7 s when all frames were copied for each second of audio; now a tenth of one.
        let path = try folder.write(
            WAVBytes(sampleRate: 8000, data: [UInt8](repeating: 1, count: 2 * 8000 * 1800)).bytes, to: "long.wav")
        let start = ContinuousClock.now
        let result = try BuiltCommand.run(
            ["features", path, "--sample-rate", "8000", "--output", folder.path("f.npy")])
        #expect(result.exitCode == 0)
        #expect(ContinuousClock.now - start < .seconds(15))
    }
}
