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
}
