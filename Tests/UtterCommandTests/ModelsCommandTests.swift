import Foundation
import TestSupport
import Testing

@Suite struct ModelsCommandTests {
    private let folder: TemporaryFolder
    private let shipped = Folders.package.appendingPathComponent("models/english-small.safetensors").path
    private let lamp = Folders.package.appendingPathComponent("audio/turn-on-the-lamp.wav").path

    init() throws { folder = try TemporaryFolder() }

    /// Runs with a home of its own and, where it is named, a folder of models in it.
    private func utter(_ arguments: String..., models: String? = nil) throws -> BuiltCommand.Result {
        var environment = ["HOME": folder.path("home")]
        environment["UTTER_MODELS"] = models.map(folder.path)
        return try BuiltCommand.run(arguments, environment: environment, in: folder.url)
    }

    /// Makes a folder with a file of some bytes in it that is no model.
    private func put(_ name: String, in place: String) throws -> String {
        let url = folder.url.appendingPathComponent(place)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return try folder.write(Array("no model".utf8), to: "\(place)/\(name)")
    }

    @Test("a model is found by its name: here, in $UTTER_MODELS, at home, beside the program, in this order")
    func names() throws {
        #expect(try utter("transcribe", "--model", "english-small", lamp).output == "turn on the lamp\n")
        // Each is found before those that were there already.
        for (file, place) in [
            ("english-small.safetensors", "home/.local/share/utter"), ("english-small.safetensors", "mine"),
            ("english-small", "."),
        ] {
            let path = try put(file, in: place)
            let result = try utter("transcribe", "--model", "english-small", lamp, models: "mine")
            let name = path.hasSuffix("/english-small") ? "\"english-small\"" : "\"\(path)\""
            #expect(result.exitCode == 1 && result.errorLines.count == 1, "\(result.errors)")
            #expect(result.errors.hasPrefix("error: \(name)"), "\(result.errors)")
        }
    }

    @Test("$UTTER_MODEL may be a name too")
    func variable() throws {
        let environment = ["UTTER_MODEL": "english-small", "HOME": folder.path("home")]
        let result = try BuiltCommand.run(["transcribe", lamp], environment: environment, in: folder.url)
        #expect(result.output == "turn on the lamp\n", "\(result.errors)")
    }

    @Test("a name that is nowhere is told in one line with where was looked and what is there")
    func unknown() throws {
        for command in ["transcribe", "align", "segments", "evaluate", "posteriors"] {
            var arguments = [command, "--model", "englsh", lamp]
            if command == "align" { arguments += ["--text", "a"] }
            if command == "evaluate" {
                arguments = [
                    "evaluate", "--model", "englsh", "--manifest", Folders.package.path + "/audio/transcripts.jsonl",
                ]
            }
            if command == "posteriors" { arguments += ["--output", folder.path("p.npy")] }
            let result = try BuiltCommand.run(
                arguments, environment: ["HOME": folder.path("home"), "UTTER_MODELS": folder.path("mine")],
                in: folder.url)
            #expect(result.exitCode == 1 && result.errorLines.count == 1, "\(command): \(result.errors)")
            #expect(result.errors.hasPrefix("error: no model \"englsh\" in \"\(folder.path("mine"))\", "))
            #expect(result.errors.contains("\"\(folder.path("home"))/.local/share/utter\""))
            #expect(result.errors.contains("there are: english-small"))
        }
        // What is a path stays one.
        #expect(try utter("transcribe", "--model", "./englsh", lamp).errors.contains("\"./englsh\""))
        #expect(
            try utter("transcribe", "--model", "englsh.safetensors", lamp).errors.contains("\"englsh.safetensors\""))
    }

    @Test("models lists those that can be named, and leaves out what is no model")
    func list() throws {
        _ = try put("broken.safetensors", in: "mine")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("mine/office.safetensors"), withDestinationPath: shipped)
        let text = try utter("models", models: "mine")
        #expect(text.exitCode == 0 && text.errors.isEmpty && text.outputLines.count == 2, "\(text.output)")
        #expect(text.outputLines[0].hasPrefix("* english-small") && text.outputLines[0].hasSuffix(shipped))
        #expect(
            text.outputLines[1].hasPrefix("  office")
                && text.outputLines[1].hasSuffix(folder.path("mine/office.safetensors")))
        struct Row: Decodable {
            let name, path, reads: String
            let bytes: Int
            let `default`: Bool
        }
        let json = try utter("models", "--format", "json", models: "mine")
        #expect(json.output.contains("\"sample_rate\":16000"), "\(json.output)")
        let rows = try json.outputLines.map { try JSONDecoder().decode(Row.self, from: Data($0.utf8)) }
        #expect(rows.map(\.name) == ["english-small", "office"] && rows.map(\.default) == [true, false])
        #expect(rows.map(\.reads) == Array(repeating: "phones and characters", count: 2))
        #expect(rows[0].path == shipped && rows[0].bytes == 19_237_088)
    }

    @Test("the default that only its path names is listed by its path")
    func hidden() throws {
        let own = folder.path("own.safetensors")
        try FileManager.default.createSymbolicLink(atPath: own, withDestinationPath: shipped)
        let environment = ["HOME": folder.path("home"), "UTTER_MODEL": own]
        let lines = try BuiltCommand.run(["models"], environment: environment, in: folder.url).outputLines
        #expect(lines.count == 2 && lines[1].hasPrefix("* \(own)") && lines[0].hasPrefix("  english-small"), "\(lines)")
    }

    @Test("completion of --model offers names and files")
    func completion() throws {
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("engine.safetensors"), withDestinationPath: shipped)
        let words = ["utter", "transcribe", "--model", "eng"]
        let result = try BuiltCommand.run(
            ["---completion", "transcribe", "--", "--model", "3", "3"] + words,
            environment: ["HOME": folder.path("home"), "SAP_SHELL": "bash"], in: folder.url)
        #expect(result.output.split(separator: "\n") == ["engine.safetensors", "english-small"], "\(result)")
    }
}
