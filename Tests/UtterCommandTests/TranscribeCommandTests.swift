import Foundation
import TestSupport
import Testing

private let lamp = "audio/turn-on-the-lamp.wav"

@Suite struct TranscribeCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ arguments: String..., standardInput: URL? = nil, environment: [String: String] = [:]) throws
        -> BuiltCommand.Result
    {
        try BuiltCommand.run(["transcribe"] + arguments, standardInput: standardInput, environment: environment)
    }

    @Test("one file gives its text alone, and nothing on standard error")
    func oneFile() throws {
        let result = try run(lamp)
        #expect(result.output == "turn on the lamp\n")
        #expect(result.errors == "")
        #expect(result.exitCode == 0)
    }

    @Test("several files give a line each, with the name in front")
    func severalFiles() throws {
        let result = try run(lamp, "audio/turn-to-the-left.flac", "audio/what-time-is-it-telephone.wav")
        #expect(
            result.output == """
                \(lamp): turn on the lamp
                audio/turn-to-the-left.flac: turn to the left
                audio/what-time-is-it-telephone.wav: what time is it

                """)
        #expect(result.exitCode == 0)
    }

    @Test("a recording narrower than the model is transcribed with a warning, unless quiet")
    func narrow() throws {
        let file = "audio/what-time-is-it-telephone.wav"
        let result = try run(file)
        #expect(result.output == "what time is it\n")
        #expect(result.errorLines.count == 1)
        #expect(result.errors.hasPrefix("warning: \"\(file)\": the source has 8000 Hz"))
        #expect(result.exitCode == 0)
        let quiet = try run("--quiet", file)
        #expect(quiet.output == result.output)
        #expect(quiet.errors == "")
    }

    @Test("standard input is a file named -")
    func standardInput() throws {
        let result = try run("-", standardInput: Folders.package.appendingPathComponent(lamp))
        #expect(result.output == "turn on the lamp\n")
        #expect(result.exitCode == 0)
    }

    @Test("JSON is an object a line and file")
    func json() throws {
        let result = try run("--format", "json", lamp, "audio/ten-seconds.wav")
        #expect(result.outputLines.count == 2)
        let first = try #require(result.outputLines.first)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(first.utf8)) as? [String: Any])
        #expect(object["file"] as? String == lamp)
        #expect(object["text"] as? String == "turn on the lamp")
        #expect(object["model"] as? String == "english-small")
        #expect(object["sample_rate"] as? Int == 16_000)
        #expect(object["channels"] as? Int == 1)
        #expect(object["warnings"] as? [String] == [])
        #expect(abs((object["duration"] as? Double ?? 0) - 1.675) < 0.05)
    }

    @Test("results can go to a file, which a second run replaces")
    func output() throws {
        let path = folder.path("result.txt")
        for _ in 0..<2 {
            let result = try run("--output", path, lamp)
            #expect(result.output == "")
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "turn on the lamp\n")
        }
        let refused = try run("--output", folder.path("no/such/folder"), lamp)
        #expect(refused.exitCode == 1)
        #expect(refused.errorLines.count == 1)
    }

    @Test("one channel of several can be heard")
    func channel() throws {
        let stereo = "audio/call-me-in-the-morning-stereo.wav"
        #expect(try run("--channel", "2", stereo).output.hasSuffix("me in the morning\n"))
        let result = try run("--channel", "3", stereo)
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("has 2 channels, so channel 3 is not there"))
    }

    @Test("the model is found by option, by environment, else beside the program, wherever it is started")
    func model() throws {
        let model = Folders.package.appendingPathComponent("models/english-small.safetensors").path
        let file = Folders.package.appendingPathComponent(lamp).path
        let elsewhere = try BuiltCommand.run(["transcribe", file], in: folder.url)
        #expect(elsewhere.output == "turn on the lamp\n")
        #expect(try run("--model", model, lamp).output == "turn on the lamp\n")
        #expect(try run(lamp, environment: ["UTTER_MODEL": model]).output == "turn on the lamp\n")
        let wrong = try run(lamp, environment: ["UTTER_MODEL": "/nowhere/model"])
        #expect(wrong.exitCode == 1)
        #expect(wrong.errors == "error: \"/nowhere/model\", which $UTTER_MODEL names, does not exist: check the path\n")
        #expect(try run("--model", model, lamp, environment: ["UTTER_MODEL": "/nowhere"]).exitCode == 0)
    }

    @Test("every instruction set reads the same")
    func instructionSets() throws {
        for name in ["avx512", "avx2", "baseline"] {
            #expect(try run(lamp, environment: ["UTTER_KERNELS": name]).output == "turn on the lamp\n")
        }
    }

    @Test("wrong usage has exit code 2, help has 0 and shows an example")
    func usage() throws {
        for arguments in [
            [], ["--nonsense", lamp], ["--format", "xml", lamp], ["--threads", "0", lamp], ["-", "-"],
        ] {
            let result = try BuiltCommand.run(["transcribe"] + arguments)
            #expect(result.exitCode == 2, "\(arguments)")
            #expect(result.output == "")
            #expect(result.errors.contains("Usage: utter transcribe"))
        }
        #expect(try BuiltCommand.run(["nonsense"]).exitCode == 2)
        let help = try run("--help")
        #expect(help.exitCode == 0)
        #expect(help.output.contains("utter transcribe audio/turn-on-the-lamp.wav"))
        #expect(try BuiltCommand.run(["--version"]).output == "0.1.0\n")
    }
}
