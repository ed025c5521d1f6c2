import Foundation
import TestSupport
import Testing

@Suite struct GradientsCommandTests {
    private let folder: TemporaryFolder
    private let small = ["--steps", "12", "--symbols", "3", "--hidden", "8", "--updates", "5", "--batch", "4"]

    init() throws { folder = try TemporaryFolder() }

    private func run(_ arguments: String...) throws -> BuiltCommand.Result {
        try BuiltCommand.run(["gradients"] + arguments, in: folder.url)
    }

    private func data(_ name: String) throws -> Data { try Data(contentsOf: folder.url.appendingPathComponent(name)) }

    @Test("writes a log and two pictures into a new folder, and a table to standard output")
    func writes() throws {
        let result = try BuiltCommand.run(["gradients", "--output", "new/run"] + small, in: folder.url)
        #expect(result.exitCode == 0 && result.errors == "")
        #expect(
            result.outputLines.map { $0.prefix(24).trimmingCharacters(in: .whitespaces) } == [
                "", "cell", "tanh", "tanh, large weights", "GRU", "LSTM",
            ])
        #expect(result.outputLines.dropFirst(2).allSatisfy { $0.contains(" %") && $0.contains("e") })
        for name in ["gradient-flow.png", "learning.png"] {
            #expect(try data("new/run/\(name)").prefix(4).elementsEqual([0x89, 0x50, 0x4e, 0x47]))
        }
        let lines = try data("new/run/log.jsonl").split(separator: UInt8(ascii: "\n")).map {
            try #require(JSONSerialization.jsonObject(with: $0) as? [String: Any])
        }
        #expect(lines.count == 4 * (5 + 2))
        #expect(lines.count { $0["event"] as? String == "step" } == 20)
        let start = try #require(lines.first)
        #expect(start["event"] as? String == "start" && start["cell"] as? String == "tanh")
        #expect((start["hidden_gradient_norms"] as? [Double])?.count == 12)
        let step = lines[1]
        #expect(step["step"] as? Int == 1 && step["clipped"] is Bool && step["skipped"] as? Bool == false)
        #expect((step["hidden_gradient_norms"] as? [String: [String: Double]])?["layer 0 forward"]?.count == 3)
        #expect(Set((step["layer_gradient_norms"] as? [String: Double] ?? [:]).keys) == ["layer 0", "head"])
    }

    @Test("the same seed writes the same files, on one thread or two; SVG where it is asked for")
    func repeats() throws {
        for (name, more) in [("a", ["--threads", "1"]), ("b", ["--threads", "2"]), ("c", ["--seed", "2"])] {
            let arguments = ["gradients", "--output", name, "--format", "svg"] + small + more
            #expect(try BuiltCommand.run(arguments, in: folder.url).exitCode == 0)
        }
        for name in ["log.jsonl", "gradient-flow.svg", "learning.svg"] {
            #expect(try data("a/\(name)") == data("b/\(name)"))
            #expect(try data("a/\(name)") != data("c/\(name)"))
        }
        #expect(try String(decoding: data("a/learning.svg"), as: UTF8.self).contains("cross-entropy / nats"))
    }

    @Test("a folder that cannot be made or written to gets one line and exit code 1, before anything is learned")
    func folders() throws {
        try folder.write([], to: "file")
        for name in ["file", "file/below"] {
            let result = try run("--output", name)
            #expect(result.exitCode == 1 && result.output.isEmpty && result.errorLines.count == 1)
            #expect(result.errors.hasPrefix("error: ") && result.errors.contains("--output"), "\(result.errors)")
        }
    }

    @Test(
        "wrong usage gets exit code 2 and what to do",
        arguments: [
            ("--steps=1", "2 to 10000"), ("--symbols=1", "2 to 1000"), ("--hidden=0", "1 to 4096"),
            ("--updates=0", "1 to 1000000"), ("--batch=-1", "1 to 4096"), ("--learning-rate=0", "above 0"),
            ("--learning-rate=nan", "above 0"), ("--clip=0", "above 0"), ("--clip=inf", "above 0"),
            ("--format=gif", "png"), ("--seed=-1", "seed"), ("--threads=0", "1 to 1024"),
        ])
    func wrongUsage(argument: String, words: String) throws {
        let result = try run("--output", "x", argument)
        #expect(result.exitCode == 2 && result.output.isEmpty && result.errors.contains(words), "\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: folder.path("x")))
    }

    @Test("without a folder it asks for one")
    func noFolder() throws {
        let result = try run()
        #expect(result.exitCode == 2 && result.errors.contains("--output"))
    }
}
