import Foundation
import TensorFiles
import TestSupport
import Testing

@Suite struct ExchangeCommandTests {
    private let folder: TemporaryFolder
    private let model = "models/english-small.safetensors"
    private let manifest = "audio/transcripts.jsonl"

    init() throws { folder = try TemporaryFolder() }

    private func run(_ arguments: String...) throws -> BuiltCommand.Result { try BuiltCommand.run(arguments) }

    /// The command failed with this code and one line that has these words; the file was not written.
    private func fails(
        _ result: BuiltCommand.Result, code: Int32 = 1, _ words: String, unwritten: String? = nil, line: Int = #line
    ) {
        #expect(result.exitCode == code, "line \(line): \(result.errors)")
        #expect(result.output.isEmpty, "line \(line)")
        if code == 1 { #expect(result.errorLines.count == 1, "line \(line): \(result.errors)") }
        #expect(result.errors.contains(words), "line \(line): \(result.errors)")
        if let unwritten { #expect(!FileManager.default.fileExists(atPath: unwritten), "line \(line)") }
    }

    @Test("every example in the help works as it stands", arguments: ["import", "export", "posteriors"])
    func examples(command: String) throws {
        for link in ["audio", "models"] {
            try FileManager.default.createSymbolicLink(
                at: folder.url.appendingPathComponent(link),
                withDestinationURL: Folders.package.appendingPathComponent(link))
        }
        let examples = try BuiltCommand.run([command, "--help"], environment: ["COLUMNS": "100"]).output.replacing(
            "\\\n", with: " "
        ).split(
            separator: "\n"
        )
        .map { $0.trimmingCharacters(in: .whitespaces) }
        .filter { $0.hasPrefix("utter ") && $0.contains(" --") && !$0.contains("tune") }
        #expect(examples.count >= 2)
        for example in examples {
            let arguments = example.split(separator: " ").dropFirst().flatMap { word in
                word == "audio/*.wav" ? ["audio/ten-seconds.wav", "audio/turn-on-the-lamp.wav"] : [String(word)]
            }
            let result = try BuiltCommand.run(arguments, in: folder.url)
            #expect(result.exitCode == 0, "\(example): \(result.errors)")
        }
    }

    @Test("a model that is exported for PyTorch and imported again hears the same, with --half from half the bytes")
    func thereAndBack() throws {
        let (tensors, whole, half) = (
            folder.path("e.safetensors"), folder.path("w.safetensors"), folder.path("h.safetensors")
        )
        let exported = try run("export", "--format", "pytorch", "--model", model, "--output", tensors)
        #expect(exported.errorLines.count == 1 && exported.errors.contains("n-gram of labels, which stays behind"))
        let imported = try run("import", tensors, "--output", whole)
        #expect(imported.exitCode == 0 && imported.errors.contains("9.47 million parameters"))
        #expect(try run("import", tensors, "--output", half, "--half", "--quiet").errors == "")
        let sizes = try [whole, half].map { try Data(contentsOf: URL(fileURLWithPath: $0)).count }
        #expect(sizes[1] < sizes[0] * 51 / 100)
        let heard = try [model, whole, half].map { path in
            let output = folder.path("p.npy")
            _ = try run("posteriors", "audio/ten-seconds.wav", "--model", path, "--output", output, "-q")
            return try NumPyFile.read(path: output)
        }
        // The classes of both heads.
        #expect(heard[0].shape == [334, 70], "\(heard[0].shape)")
        #expect(heard[0] == heard[1] && heard[0] == heard[2])
    }

    @Test("import and export refuse what they cannot read or write in one line, and wrong usage with 2")
    func badInput() throws {
        let (tensors, output) = (folder.path("e.safetensors"), folder.path("o.safetensors"))
        let onnx = folder.path("o.onnx")
        _ = try run("export", "--format", "pytorch", "--model", model, "--output", tensors)
        let json = folder.path("e.json")
        let described = try String(contentsOfFile: json, encoding: .utf8)
        fails(
            try run("import", folder.path("missing.safetensors"), "--description", json, "--output", output),
            "does not exist")
        fails(
            try run("import", model, "--output", output), "english-small.json\", which is to describe",
            unwritten: output)
        fails(
            try run("import", model, "--description", json, "--output", output), "is a model of Utter",
            unwritten: output)
        fails(try run("import", "README.md", "--description", json, "--output", output), "malformed", unwritten: output)
        fails(
            try run("import", tensors, "--description", tensors, "--output", output), "more than 4 MiB",
            unwritten: output)
        fails(try run("import", tensors, "--output", tensors), "is also read: give another --output")
        fails(try run("import", tensors, "--output", folder.path("no/o.safetensors")), "folder does not exist")
        let wrong = described.replacingOccurrences(of: "\"hidden\" : 384", with: "\"hidden\" : 128")
        let bad = try folder.write(Array(wrong.utf8), to: "bad.json")
        fails(
            try run("import", tensors, "--description", bad, "--output", output), "asks for [384, 240]",
            unwritten: output)
        fails(try run("import", tensors), code: 2, "--output")
        fails(
            try run("export", "--format", "onnx", "--model", "README.md", "--output", onnx), "malformed",
            unwritten: onnx)
        fails(
            try run("export", "--format", "onnx", "--model", tensors, "--output", onnx), "no Utter model",
            unwritten: onnx)
        fails(try run("export", "--format", "onnx", "--output", folder.path("no/o.onnx")), "folder does not exist")
        fails(try run("export", "--format", "onnx", "--output", "/proc/o.onnx"), "/proc/o.onnx")
        fails(try run("export", "--format", "tflite", "--output", onnx), code: 2, "onnx")
        fails(try run("export", "--format", "onnx", "--output", output), code: 2, "must be .onnx", unwritten: output)
        fails(
            try run("export", "--format", "pytorch", "--output", onnx), code: 2, "must be .safetensors", unwritten: onnx
        )
        fails(
            try run("export", "--format", "pytorch", "--model", tensors, "--output", tensors), "no Utter model")
    }

    @Test("posteriors stand under the names of the recordings, and the first is that of .npy")
    func posteriors() throws {
        let (all, one) = (folder.path("all.safetensors"), folder.path("one.npy"))
        let files = ["audio/turn-on-the-lamp.wav", "audio/turn-to-the-left.flac"]
        #expect(try run("posteriors", files[0], files[1], "--output", all).exitCode == 0)
        #expect(try run("posteriors", files[0], "--output", one).exitCode == 0)
        let file = try SafetensorsFile(path: all)
        #expect(file.names == files)
        #expect(try file.tensor(files[0]) == NumPyFile.read(path: one))
        #expect(file.metadata["posteriors"]?.contains("\"seconds_per_step\":0.03") == true)
    }

    @Test(
        "a recording that fails is named, the others are written, exit code 1; where all fail nothing is written"
    )
    func failures() throws {
        let output = folder.path("p.safetensors")
        let damaged = try folder.write(Array("no sound".utf8), to: "bad.wav")
        fails(try run("posteriors", damaged, "audio/turn-on-the-lamp.wav", "--output", output), "bad.wav")
        #expect(try SafetensorsFile(path: output).names == ["audio/turn-on-the-lamp.wav"])
        try FileManager.default.removeItem(atPath: output)
        fails(try run("posteriors", damaged, "--output", output), "bad.wav", unwritten: output)
        fails(try run("posteriors", "--output", output), code: 2, "--manifest", unwritten: output)
        fails(try run("posteriors", damaged, "--manifest", manifest, "--output", output), code: 2, "--manifest")
        fails(try run("posteriors", damaged, "--output", "p.csv"), code: 2, ".safetensors or .npy")
        fails(try run("posteriors", damaged, "b.wav", "--output", "p.npy"), code: 2, "one recording")
        fails(
            try run("posteriors", "audio/ten-seconds.wav", "--output", folder.path("no/p.npy")), "folder does not exist"
        )
        let copy = try folder.write(
            Data(contentsOf: Folders.package.appendingPathComponent(model)), to: "m.safetensors")
        fails(try run("posteriors", "audio/ten-seconds.wav", "--model", copy, "--output", copy), "is also read")
    }

    @Test("lm tune finds the same with stored posteriors as with the recordings, and refuses other files")
    func tuning() throws {
        let (lm, stored) = (folder.path("h.lm"), folder.path("p.safetensors"))
        _ = try run("lm", "estimate", "audio/household.txt", "--output", lm, "-q")
        _ = try run("posteriors", "--manifest", manifest, "--output", stored, "-q")
        let arguments = [
            "lm", "tune", lm, "--manifest", manifest, "--beam", "8", "-q", "--output", folder.path("w.json"),
            // Without the words of the model beside, which stored posteriors do not know.
            "--known-words", "--lexicon", "models/english.lexicon",
        ]
        let heard = try BuiltCommand.run(arguments)
        // Silence must be kept too: the manifest's row counts.
        let read = try BuiltCommand.run(arguments + ["--posteriors", stored], environment: ["UTTER_MODEL": "/none"])
        #expect(read.exitCode == 0, "\(read.errors)")
        #expect(heard.output == read.output && heard.outputLines.count > 30)
        fails(try BuiltCommand.run(arguments + ["--posteriors", model]), "holds tensors but no posteriors")
        fails(try BuiltCommand.run(arguments + ["--posteriors", "README.md"]), "malformed")
        let cut = try folder.write(
            Data(contentsOf: URL(fileURLWithPath: stored)).dropLast(10), to: "cut.safetensors")
        fails(try BuiltCommand.run(arguments + ["--posteriors", cut]), "cut short")
        fails(
            try BuiltCommand.run(arguments + ["--posteriors", stored, "--model", model]), code: 2,
            "--posteriors and --model")
        // Of several manifests each has a column, and each posteriors of its own.
        let twice = try BuiltCommand.run(
            arguments + ["--manifest", manifest, "--posteriors", stored, "--posteriors", stored])
        #expect(
            twice.exitCode == 0 && twice.outputLines[0].hasSuffix("WER      CER    WER 1    WER 2"), "\(twice.errors)")
        #expect(twice.outputLines[1].hasPrefix(read.outputLines[1]))
        fails(
            try BuiltCommand.run(arguments + ["--manifest", manifest, "--posteriors", stored]), code: 2,
            "1 for 2 manifests")
        let other = folder.path("other.safetensors")
        _ = try run("posteriors", "audio/turn-on-the-lamp.wav", "--output", other, "-q")
        let missing = try BuiltCommand.run(arguments + ["--posteriors", other])
        #expect(missing.exitCode == 1 && missing.errors.contains("has no posteriors of \"turn-on-the-lamp.wav\""))
    }
}
