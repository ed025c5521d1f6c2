import Foundation
import TestSupport
import Testing

/// The whole help of every command, as it was last looked at. To look at it anew after a change:
///
///     COLUMNS=100 .build/release/utter transcribe --help > Tests/UtterCommandTests/Help/utter-transcribe.txt
@Suite struct HelpTests {
    private static let folder = Folders.package.appendingPathComponent("Tests/UtterCommandTests/Help")

    @Test("the help of every command is as it was last looked at, and shows an example")
    func snapshots() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).sorted()
        try #require(files.count > 10)
        for file in files {
            let words = file.dropLast(".txt".count).split(separator: "-").dropFirst().map(String.init)
            let result = try BuiltCommand.run(words + ["--help"], environment: ["COLUMNS": "100"])
            let expected = try String(contentsOf: Self.folder.appendingPathComponent(file), encoding: .utf8)
            #expect(result.exitCode == 0)
            #expect(result.output == expected, "utter \(words.joined(separator: " ")) --help")
            #expect(result.output.contains("Example"))
        }
    }

    @Test("at the usual width of a terminal no example is broken within a command")
    func examplesFit() throws {
        for file in try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).sorted() {
            let words = file.dropLast(".txt".count).split(separator: "-").dropFirst().map(String.init)
            let lines = try BuiltCommand.run(words + ["--help"], environment: ["COLUMNS": "80"]).output
                .split(separator: "\n", omittingEmptySubsequences: false)
            let head = try #require(lines.firstIndex { $0 == "Example:" || $0 == "Examples:" }, "\(file)")
            for line in lines[(head + 1)...].prefix(while: { !$0.isEmpty }) {
                #expect(line.hasPrefix("  "), "\(file): \(line)")
            }
        }
    }

    @Test(
        "a subcommand that is misspelled is told with the one that may be meant",
        arguments: [
            (["trasncribe", "a.wav"], "Did you mean \"utter transcribe\"?"),
            (["lm", "estmate"], "\"utter lm estimate\"?"),
            (["batch", "statsu", "out"], "\"utter batch status\"?"), (["batch", "serach"], "\"utter batch search\"?"),
            (["data", "zzz"], "See \"utter data --help\""), (["Train"], "\"utter train\"?"),
        ])
    func misspelled(_ words: [String], _ said: String) throws {
        let result = try BuiltCommand.run(words)
        #expect(result.exitCode == 2 && result.errors.contains(said), "\(result.errors)")
        #expect(try BuiltCommand.run(["help", "transcribe"]).exitCode == 0)
    }

    @Test("completion in bash offers files, folders and the values of choices")
    func completion() throws {
        let script = try BuiltCommand.run(["--generate-completion-script", "bash"]).output
        #expect(
            script.contains("textgrid") && script.contains("add_completions -f")
                && script.contains("add_completions -d"),
            "\(script.count)")
    }
}
