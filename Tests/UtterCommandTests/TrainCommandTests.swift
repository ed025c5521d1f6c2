import Foundation
import TestSupport
import Testing

/// Training as a person runs it, on the recordings of `audio/`.
@Suite struct TrainCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private let manifest = Folders.package.appendingPathComponent("audio/transcripts.jsonl").path

    private func arguments(_ place: String, epochs: Int = 3) throws -> [String] {
        try FileManager.default.createDirectory(
            at: folder.url.appendingPathComponent(place), withIntermediateDirectories: true)
        return [
            "train", "--train", manifest, "--dev", manifest, "--output", folder.path("\(place)/run"), "--epochs",
            "\(epochs)", "--set", "network.hidden=24", "--set", "network.layers=2", "--set",
            "augmentation.speeds=[0.9,1,1.1]", "--set", "training.batch_size=4", "--set",
            "training.checkpoint_minutes=0",
        ]
    }

    private func bytes(_ name: String) throws -> Data { try Data(contentsOf: folder.url.appendingPathComponent(name)) }

    @Test("a run writes models that transcribe, a log and its recipe; results on stdout, the rest on stderr")
    func whole() throws {
        let result = try BuiltCommand.run(arguments("a"))
        #expect(result.exitCode == 0)
        let best = folder.path("a/run/best.safetensors")
        #expect(result.outputLines.count == 1 && result.output.hasPrefix("\(best): WER "))
        #expect(
            result.errorLines.first
                == "9 recordings, 0.01 h, to learn from; 9, 0.01 h, to measure by; 25 symbols; 0.05 million weights")
        #expect(result.errors.contains("warning: 9 of 9 dev recordings are also trained on"))
        #expect(result.errorLines.count { $0.hasPrefix("epoch ") } == 3)
        #expect(result.errors.contains("    said   turn to the left\n    heard  "))
        let heard = try BuiltCommand.run(["transcribe", "--model", best, "audio/turn-on-the-lamp.wav"])
        #expect(heard.exitCode == 0)
        let log = String(decoding: try bytes("a/run/log.jsonl"), as: UTF8.self).split(separator: "\n")
        #expect(log.count { $0.contains(#""event":"epoch""#) } == 3)
        #expect(log.count { $0.contains(#""event":"step""#) && $0.contains("hidden_gradient_norms") } == 1)
        let quiet = try BuiltCommand.run(arguments("b") + ["--quiet"])
        #expect(quiet.exitCode == 0 && quiet.errors == "")
        #expect(try bytes("b/run/last.safetensors") == bytes("a/run/last.safetensors"))
    }

    @Test("phones with characters beside them are trained by a lexicon, and every command reads the model")
    func phones() throws {
        let lexicon = Folders.package.appendingPathComponent("audio/household.lexicon.txt").path
        let heads = ["--set", "data.lexicon=\(lexicon)", "--set", "network.heads=phones and characters"]
        let result = try BuiltCommand.run(arguments("a", epochs: 2) + heads)
        #expect(result.exitCode == 0, "\(result.errors)")
        let model = folder.path("a/run/last.safetensors")
        #expect(result.output.contains(": phone errors ") && result.output.contains(", WER "))
        #expect(result.errorLines.first?.contains("41 phones and 25 characters") == true, "\(result.errors)")
        #expect(result.errorLines.contains { $0.hasPrefix("epoch 2 of 2: loss ") && $0.contains("phone errors") })
        let recording = "audio/turn-on-the-lamp.wav"
        for command in [
            ["transcribe", "--model", model, recording],
            ["transcribe", "--no-lm", "--beam", "8", "--model", model, recording],
            ["align", "--model", model, recording, "--text", "turn on the lamp"],
            ["evaluate", "--model", model, "--manifest", manifest],
            ["posteriors", "--model", model, recording, "--output", folder.path("p.safetensors")],
            ["export", "--format", "onnx", "--model", model, "--output", folder.path("m.onnx")],
            ["train", "--output", folder.path("a/run"), "--resume"],
        ] {
            let run = try BuiltCommand.run(command)
            #expect(run.exitCode == 0, "\(command[0]): \(run.errors)")
        }
        let info = try BuiltCommand.run(["info", model]).output
        #expect(info.contains("ctc-phones, 41 classes; beside it ctc-characters, 25 classes"), "\(info)")
        #expect(info.contains("space AA AE"))

        // Phones alone spell phones, and have no text to align.
        let alone = try BuiltCommand.run(arguments("b", epochs: 1) + heads.dropLast() + ["network.heads=phones"])
        #expect(alone.exitCode == 0, "\(alone.errors)")
        let phones = folder.path("b/run/last.safetensors")
        #expect(try BuiltCommand.run(["transcribe", "--model", phones, recording]).exitCode == 0)
        let align = try BuiltCommand.run(["align", "--model", phones, recording, "--text", "turn on the lamp"])
        #expect(
            align.exitCode != 0 && align.errorLines.count == 1 && align.errors.contains("phones"), "\(align.errors)")
        let without = try BuiltCommand.run(arguments("c") + heads.suffix(2))
        #expect(without.exitCode != 0 && without.errors.contains("data.lexicon: names no lexicon"), "\(without.errors)")
    }

    @Test("killed without warning at any moment and resumed, a run ends with the bytes of one that was left alone")
    func killed() throws {
        let epochs = 40
        #expect(try BuiltCommand.run(arguments("whole", epochs: epochs)).exitCode == 0)
        let expected = try bytes("whole/run/last.safetensors")
        for (place, records) in [("early", 1), ("late", 12)] {
            let process = Process()
            process.executableURL = BuiltCommand.url
            process.arguments = try arguments(place, epochs: epochs)
            process.standardError = FileHandle.nullDevice
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            // Until the log says that it is under way.
            while process.isRunning, try lines("\(place)/run/log.jsonl") < records { usleep(500) }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            #expect(process.terminationReason == .uncaughtSignal, "the run was over before it was killed")
            let resumed = try BuiltCommand.run(["train", "--output", folder.path("\(place)/run"), "--resume"])
            #expect(resumed.exitCode == 0)
            #expect(try bytes("\(place)/run/last.safetensors") == expected)
            #expect(try lines("\(place)/run/log.jsonl") == lines("whole/run/log.jsonl"))
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path("\(place)/run"))
            #expect(
                files.filter { !$0.hasPrefix(".") }.sorted() == [
                    "best.safetensors", "checkpoint.safetensors", "last.safetensors", "log.jsonl", "recipe.yaml",
                ])
        }
    }

    private func lines(_ name: String) throws -> Int {
        guard let log = FileManager.default.contents(atPath: folder.path(name)) else { return 0 }
        return log.count { $0 == UInt8(ascii: "\n") }
    }

    @Test("Ctrl-C writes a checkpoint, says how to go on, and exits with 130")
    func interrupted() throws {
        let process = Process()
        process.executableURL = BuiltCommand.url
        process.arguments = try arguments("a", epochs: 100_000)
        let errors = folder.path("errors")
        try Data().write(to: URL(fileURLWithPath: errors))
        process.standardError = FileHandle(forWritingAtPath: errors)
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        while process.isRunning, try lines("a/run/log.jsonl") < 3 { usleep(500) }
        process.interrupt()
        process.waitUntilExit()
        #expect(process.terminationStatus == 130 && process.terminationReason == .exit)
        let said = String(decoding: try bytes("errors"), as: UTF8.self)
        #expect(said.contains("stopping after this step and a checkpoint; Ctrl-C once more stops at once"))
        #expect(said.hasSuffix("go on with --resume\n"))
        #expect(FileManager.default.fileExists(atPath: folder.path("a/run/checkpoint.safetensors")))
    }

    @Test("a disk that is full in the middle of a checkpoint: one line, exit 1, and the older checkpoint stays whole")
    func fullDisk() throws {
        _ = try BuiltCommand.run(arguments("a"))
        let before = try bytes("a/run/checkpoint.safetensors")
        // A limit on the size of files stands for the disk; a signal that is ignored turns it into an error of the write.
        let blocks = before.count / 1024 / 2
        let command =
            "trap '' XFSZ; ulimit -f \(blocks); exec '\(BuiltCommand.url.path)' "
            + (try arguments("b") + ["--quiet"]).map { "'\($0)'" }.joined(separator: " ")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        let errors = folder.path("errors")
        try Data().write(to: URL(fileURLWithPath: errors))
        process.standardError = FileHandle(forWritingAtPath: errors)
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 1 && process.terminationReason == .exit)
        let lines = String(decoding: try bytes("errors"), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 1 && lines[0].hasPrefix("error: ") && lines[0].contains("checkpoint.safetensors"))
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path("b/run"))
        #expect(!files.contains { $0.hasSuffix(".tmp") } && !files.contains("checkpoint.safetensors"))
        // With room again, it goes on from what there is.
        #expect(try BuiltCommand.run(["train", "--output", folder.path("b/run"), "--resume"]).exitCode == 0)
        #expect(try bytes("b/run/last.safetensors") == bytes("a/run/last.safetensors"))
    }

    @Test("a recipe that is printed is a recipe; flags change it")
    func recipe() throws {
        let printed = try BuiltCommand.run(["train", "--print-recipe", "--set", "network.hidden=16", "--epochs", "2"])
        #expect(printed.exitCode == 0 && printed.errors == "")
        #expect(printed.output.contains("\n  hidden: 16\n") && printed.output.contains("\n  epochs: 2\n"))
        let path = try folder.write(printed.output.utf8, to: "recipe.yaml")
        let again = try BuiltCommand.run(["train", "--print-recipe", "--recipe", path])
        #expect(again.output.contains("\n  hidden: 16\n"))
        let run = try BuiltCommand.run([
            "train", "--recipe", path, "--train", manifest, "--dev", manifest, "--output", folder.path("run"),
            "--set", "network.layers=1", "--quiet",
        ])
        #expect(run.exitCode == 0)
    }

    @Test("a check by heart passes where it can, and fails with what was said and heard where it cannot")
    func sanity() throws {
        let common = ["train", "--sanity", "--train", manifest, "--dev", manifest, "--set", "network.layers=1"]
        let passed = try BuiltCommand.run(common + ["--set", "network.hidden=96"])
        #expect(passed.exitCode == 0 && passed.output.hasPrefix("8 recordings, "))
        #expect(passed.output.hasSuffix(": CER 0.00 %\n"))
    }

    @Test(
        "wrong usage is told, with exit 2; what is wrong with files, with exit 1",
        arguments: [
            (["train"], 2, "--output: name the folder of the run."),
            (["train", "--output", "x"], 2, "Nothing to learn from: give --recipe, or --train and --dev."),
            (["train", "--output", "/no/run", "--resume"], 1, "/no/run/recipe.yaml: does not exist"),
            (["train", "--output", "x", "--recipe", "none.yaml"], 1, "none.yaml: does not exist"),
            (
                ["train", "--output", "x", "--train", "none.jsonl", "--dev", "none.jsonl"], 1,
                "none.jsonl: does not exist; check the path"
            ),
            (
                [
                    "train", "--output", "x", "--train", "none.jsonl", "--dev", "none.jsonl", "--from",
                    "none.safetensors",
                ], 1, "\"none.safetensors\" does not exist: check the path"
            ),
            (
                ["train", "--output", "x", "--resume", "--from", "y"], 2,
                "--resume goes on with the recipe in the folder"
            ),
            (
                ["train", "--print-recipe", "--set", "network.hiden=3"], 1,
                "unknown key \"network.hiden\"; did you mean network.hidden?"
            ),
        ])
    func mistakes(arguments: [String], code: Int, said: String) throws {
        let result = try BuiltCommand.run(arguments, in: folder.url)
        #expect(result.exitCode == code)
        #expect(result.errors.contains(said), "\(result.errors)")
        #expect(result.output == "")
        #expect(!FileManager.default.fileExists(atPath: folder.path("x/recipe.yaml")) || code == 1)
    }
}
