import Foundation
import TestSupport
import Testing

/// Adaptation as a person runs it, on the commands of `audio/`.
@Suite struct AdaptCommandTests {
    private let folder: TemporaryFolder
    private static let commands = Folders.package.appendingPathComponent("audio/commands").path

    init() throws { folder = try TemporaryFolder() }

    private func rows(_ side: String, of path: String = Self.commands) throws -> [String] {
        try String(contentsOfFile: "\(path)/\(side).jsonl", encoding: .utf8).split(separator: "\n").map {
            $0.replacingOccurrences(of: #""audio_filepath": ""#, with: "\"audio_filepath\": \"\(path)/")
        }
    }

    private func manifest(_ name: String, _ rows: [String]) throws -> String {
        try folder.write((rows.joined(separator: "\n") + "\n").utf8, to: name)
    }

    private func adapt(_ train: String, _ more: String...) throws -> BuiltCommand.Result {
        try BuiltCommand.run(
            ["adapt", "--train", train, "--output", folder.path("out.safetensors"), "--freeze", "all"] + more)
    }

    private var isWritten: Bool { FileManager.default.fileExists(atPath: folder.path("out.safetensors")) }

    @Test("an adapter of the head alone is small, knows unheard voices, and runs beside another in one pass")
    func adapter() throws {
        let result = try adapt(
            "\(Self.commands)/train.jsonl", "--dev", "\(Self.commands)/dev.jsonl", "--adapter")
        #expect(result.exitCode == 0)
        #expect(result.outputLines.count == 1 && result.output.contains("on dev"))
        #expect(
            result.errors.contains(
                "head: phrases, since 48 recordings have 12 different texts, each a label that the base can spell"))
        #expect(result.errors.contains("new symbols: 12: call home, "))
        let path = folder.path("out.safetensors")
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? .max
        #expect(size < 200_000)
        #expect(!FileManager.default.fileExists(atPath: path + ".work"))
        let recording = "audio/commands/louder-flite-awb.flac"
        let heard = try BuiltCommand.run(["transcribe", "--adapter", path, "--adapter", path, recording])
        #expect(heard.exitCode == 0 && heard.output == "louder\nlouder\n")
        let measured = try BuiltCommand.run(
            ["evaluate", "--adapter", path, "--manifest", "\(Self.commands)/dev.jsonl", "--show", "0"])
        let rate = try #require(measured.output.firstMatch(of: /WER +([0-9.]+) %/).flatMap { Double($0.1) })
        #expect(measured.exitCode == 0 && rate < 5, "\(measured.output)")
        // On a base that is not its own.
        let other = folder.path("other.safetensors")
        let trained = try BuiltCommand.run(
            ["adapt", "--train", "\(Self.commands)/train.jsonl", "--from-scratch", "--epochs", "1", "-o", other])
        #expect(trained.exitCode == 0)
        let refused = try BuiltCommand.run(["transcribe", "--model", other, "--adapter", path, recording])
        #expect(refused.exitCode == 1 && refused.output == "" && refused.errorLines.count == 1)
        #expect(refused.errors.contains("was made on another base"))
    }

    @Test("a class with one recording is told and learned; an empty text is told apart from the labels")
    func loneAndEmpty() throws {
        let train = try rows("train")
        let stop = train.filter { $0.contains("\"stop\"") }
        let rest = train.filter { $0.contains("\"louder\"") || $0.contains("\"call home\"") }
        let emptied = stop.dropFirst().map { $0.replacingOccurrences(of: "\"stop\"", with: "\"\"") }
        let result = try adapt(manifest("t.jsonl", rest + stop.prefix(1) + emptied))
        #expect(result.exitCode == 0)
        #expect(result.errors.contains("warning: 1 of 3 labels has one recording alone ('stop')"))
    }

    @Test("labels that differ by case or spaces alone: one line, nothing overwritten")
    func twins() throws {
        let out = try folder.write("old".utf8, to: "out.safetensors")
        var train = try rows("train")
        train[0] = train[0].replacingOccurrences(of: "\"lights on\"", with: "\"Lights on\"")
        let result = try adapt(manifest("t.jsonl", train))
        #expect(result.exitCode == 1 && result.output == "")
        #expect(
            result.errors.contains("the labels 'Lights on' and 'lights on' differ only by case, spaces or punctuation"))
        #expect(try String(contentsOfFile: out, encoding: .utf8) == "old")
    }

    @Test("a speaker of dev who is also trained on, and a dev text that the head cannot spell, are warned of")
    func warnings() throws {
        let (train, dev) = (try rows("train"), try rows("dev"))
        let odd = dev[1].replacingOccurrences(of: "\"text\": \"", with: "\"text\": \"very ")
        let result = try adapt(
            manifest("t.jsonl", Array(train.dropFirst(4))), "--dev", manifest("d.jsonl", [train[0], dev[0], odd]))
        #expect(result.exitCode == 0)
        #expect(result.errors.contains("warning: the dev set resembles train: 1 of 3 recordings"))
        #expect(result.errors.contains("dev texts have what the head cannot spell"))
    }

    @Test("recordings that are all silent: one line, nothing written")
    func silent() throws {
        let quiet = WAVBytes(data: [UInt8](repeating: 0, count: 32_000)).bytes
        let lines = try ["on", "off", "on", "off"].enumerated().map { index, text in
            try folder.write(quiet, to: "\(index).wav")
            return #"{"audio_filepath": "\#(index).wav", "text": "\#(text)"}"#
        }
        let result = try adapt(manifest("t.jsonl", lines))
        #expect(result.exitCode == 1 && !isWritten)
        #expect(result.errors.contains("the recording is silent"))
        #expect(result.errorLines.last?.contains("has no recording that can be learned from") == true)
        let scratch = try adapt(manifest("t.jsonl", lines), "--from-scratch")
        #expect(scratch.exitCode == 1 && !isWritten)
        #expect(scratch.errorLines.last?.contains("has no recording that can be learned from") == true)
    }

    @Test("a label of which no usable recording is left is told by name, by what it can be known all the same")
    func emptyClass() throws {
        try folder.write(WAVBytes(data: [UInt8](repeating: 0, count: 32_000)).bytes, to: "quiet.wav")
        let lines = try rows("train") + [#"{"audio_filepath": "quiet.wav", "text": "good night"}"#]
        let spelled = try adapt(manifest("t.jsonl", lines))
        #expect(spelled.exitCode == 0)
        #expect(spelled.errors.contains("left of 'good night': known by its spelling alone"))
        let learned = try adapt(manifest("t.jsonl", lines), "--head", "classifier")
        #expect(learned.exitCode == 0)
        #expect(learned.errors.contains("left of 'good night': it will not be recognised"))
    }

    @Test("labels that the base cannot spell make a classifier; asked for as phrases they are refused in one line")
    func unspellable() throws {
        let odd = try rows("train").map { $0.replacingOccurrences(of: "\"stop\"", with: "\"dog-7\"") }
        let path = try manifest("t.jsonl", odd)
        let result = try adapt(path)
        #expect(result.exitCode == 0 && result.errors.contains("head: classifier, since"))
        let refused = try adapt(path, "--head", "phrases")
        #expect(refused.exitCode == 1 && refused.output == "")
        #expect(refused.errorLines.last?.contains("cannot spell: 'dog-7'; write them as they are said") == true)
        let hidden = try adapt("\(Self.commands)/train.jsonl", "--head", "phrases", "--hidden", "8")
        #expect(hidden.exitCode == 1 && hidden.errors.contains("--hidden: is for new heads"))
    }

    @Test("one label alone, a head of characters asked to reject, a steered search on labels: one line each")
    func refusals() throws {
        let train = try rows("train").filter { $0.contains("\"stop\"") }
        let one = try adapt(manifest("t.jsonl", train))
        #expect(one.exitCode == 1 && one.errorLines.last?.contains("has one label alone") == true && !isWritten)
        let all = "\(Self.commands)/train.jsonl"
        let kept = try adapt(all, "--keep", "audio/transcripts.jsonl")
        #expect(kept.exitCode == 1 && kept.errors.contains("--keep: belongs to a head of characters"))
        #expect(try adapt(all, "--hidden", "0").exitCode == 2)
        #expect(try adapt(all, "--stages", "head,nothing").exitCode == 2)
    }

    @Test("with --keep the head alone is measured on both domains too, as the stages after it are")
    func keeps() throws {
        // An old domain that nobody can read: what is said is something else.
        let old = try manifest(
            "old.jsonl", rows("dev").map { $0.replacing(/"text": "[^"]*"/, with: #""text": "zebra""#) })
        let (new, output) = ("audio/transcripts.jsonl", folder.path("both.safetensors"))
        let result = try BuiltCommand.run([
            "adapt", "--head", "ctc-characters", "--train", new, "--dev", new, "--keep", old, "--stages", "head",
            "--epochs", "1", "--output", output,
        ])
        #expect(result.exitCode == 0, "\(result.errors)")
        let figure = /the head alone: WER ([0-9.]+) %, CER [0-9.]+ % on dev and the old domain, their mean/
        let told = try #require(result.errors.firstMatch(of: figure).flatMap { Double($0.1) }, "\(result.errors)")
        let measured = try BuiltCommand.run(["evaluate", "--model", output, "--manifest", new, "--json", "-q"])
        let object = try JSONSerialization.jsonObject(with: Data(measured.output.utf8)) as? [String: Any]
        let words = try #require((object?["errors"] as? [String: Any])?["words"] as? [String: Any])
        let rate = try #require(words["rate"] as? Double)
        #expect(rate < 0.5 && told > 100 * rate + 20, "\(rate) on the new domain alone, \(told) % told")
    }

    @Test("a base with a convolution keeps it where upper layers alone learn, and has it trained with all of them")
    func convolution() throws {
        let (base, data) = (folder.path("base"), "audio/transcripts.jsonl")
        let trained = try BuiltCommand.run([
            "train", "--train", data, "--dev", data, "--output", base, "--epochs", "1", "--set", "network.layers=2",
            "--set", "network.hidden=16", "--set", "network.convolution=12",
        ])
        #expect(trained.exitCode == 0, "\(trained.errors)")
        for (stages, kind, isThere) in [
            ("1", "--adapter", false), ("all", "--adapter", true), ("all", "--from-scratch", true),
        ] {
            let output = folder.path("\(kind)-\(stages).safetensors")
            let model = "\(base)/last.safetensors"
            let result = try BuiltCommand.run(
                ["adapt", "--model", model, "--train", data, "--dev", data, "--head", "ctc-words", "--stages", stages]
                    + ["--epochs", "2", kind, "--output", output])
            #expect(result.exitCode == 0, "\(result.errors)")
            let bytes = try Data(contentsOf: URL(fileURLWithPath: output))
            #expect((bytes.range(of: Data("\"encoder.convolution.weight\"".utf8)) != nil) == isThere)
            let heard = try BuiltCommand.run(
                ["transcribe"] + (kind == "--adapter" ? ["--model", model, "--adapter", output] : ["--model", output])
                    + ["audio/turn-on-the-lamp.wav"])
            #expect(heard.exitCode == 0, "\(heard.errors)")
        }
    }

    @Test("stopped work is not begun anew over; an unfrozen stage is resumed to the bytes of an undisturbed run")
    func resumed() throws {
        let arguments = [
            "adapt", "--train", "\(Self.commands)/train.jsonl", "--stages", "head,1", "--epochs", "6", "--head",
            "ctc-words", "--threads", "1",
        ]
        let (whole, cut) = (folder.path("a/out.safetensors"), folder.path("b/out.safetensors"))
        for place in ["a", "b"] {
            try FileManager.default.createDirectory(
                at: folder.url.appendingPathComponent(place), withIntermediateDirectories: true)
        }
        #expect(try BuiltCommand.run(arguments + ["-o", whole]).exitCode == 0)
        let process = Process()
        process.executableURL = BuiltCommand.url
        process.currentDirectoryURL = Folders.package
        process.arguments = arguments + ["-o", cut]
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        while process.isRunning, !FileManager.default.fileExists(atPath: "\(cut).work/stage-2/checkpoint.safetensors") {
            usleep(5_000)
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        let again = try BuiltCommand.run(arguments + ["-o", cut])
        #expect(again.exitCode == 1 && again.errors.contains("go on with --resume"))
        #expect(try BuiltCommand.run(arguments + ["-o", cut, "--resume"]).exitCode == 0)
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: cut)) == Data(contentsOf: URL(fileURLWithPath: whole)))
    }
}
