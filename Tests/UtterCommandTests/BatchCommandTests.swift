import AudioIO
import Foundation
import TestSupport
import Testing

/// `utter batch` as users meet it: hostile folders, a pulled plug, a full disk.
@Suite struct BatchCommandTests {
    private let folder: TemporaryFolder
    private let lamp: [UInt8]

    init() throws {
        folder = try TemporaryFolder()
        lamp = Array(try Data(contentsOf: Folders.package.appendingPathComponent("audio/turn-on-the-lamp.wav")))
        try FileManager.default.createDirectory(atPath: folder.path("in/deep"), withIntermediateDirectories: true)
    }

    private func make(_ count: Int) throws {
        for number in 0..<count {
            // Of unlike lengths, so that the order of the work is not that of the names.
            let cut = WAVBytes(data: Array(lamp[44..<(20_000 + 2 * (number * 997 % 12_000))])).bytes
            try folder.write(cut, to: number % 4 == 0 ? "in/deep/\(number).wav" : "in/\(number).wav")
        }
    }

    private func batch(_ arguments: [String], environment: [String: String] = [:]) throws -> BuiltCommand.Result {
        try BuiltCommand.run(["batch"] + arguments, environment: environment, in: folder.url)
    }

    private func start(_ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = BuiltCommand.url
        process.arguments = ["batch"] + arguments
        process.currentDirectoryURL = folder.url
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Runs a line of the shell, with `$utter` as the command.
    private func shell(_ line: String) throws -> (code: Int32, errors: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", line]
        process.currentDirectoryURL = folder.url
        process.environment = ProcessInfo.processInfo.environment.merging(["utter": BuiltCommand.url.path]) { $1 }
        let errors = folder.path("errors")
        try Data().write(to: URL(fileURLWithPath: errors))
        process.standardError = FileHandle(forWritingAtPath: errors)
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return (process.terminationStatus, try String(contentsOfFile: errors, encoding: .utf8))
    }

    /// Relative paths and bytes of all files but ledgers and what is hidden.
    private func contents(_ output: String) throws -> [String: Data] {
        var contents: [String: Data] = [:]
        let root = folder.path(output)
        for case let name as String in FileManager.default.enumerator(atPath: root) ?? .init() {
            guard !name.hasPrefix(".utter"), !name.hasPrefix("ledger") else { continue }
            if let data = FileManager.default.contents(atPath: "\(root)/\(name)") { contents[name] = data }
        }
        return contents
    }

    private func results(_ output: String) -> Int {
        let names = FileManager.default.enumerator(atPath: folder.path(output))?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix(".txt") }.count
    }

    @Test("what there is to do is said before it is done, what was done after, and nothing on standard output")
    func announcement() throws {
        try make(5)
        try folder.write([], to: "in/empty.wav")
        let first = try batch(["in", "--recursive", "--output", "out"])
        #expect(first.exitCode == 1 && first.output == "")
        #expect(first.errorLines.first == "0 done, 6 to do")
        #expect(first.errors.contains("error: \"in/empty.wav\" is empty"))
        #expect(first.errorLines.last?.contains("in all 5 done, 1 failed, 0 damaged") ?? false)
        let second = try batch(["in", "--recursive", "--output", "out"])
        #expect(second.errorLines.first == "5 done, 0 to do, 1 failed before; --retry-failed does again what failed")
        try folder.write(lamp, to: "in/empty.wav")
        let third = try batch(["in", "-r", "-o", "out", "-q"])
        #expect(third.exitCode == 0 && third.errors == "")
        #expect(try contents("out")["empty.txt"] == Data("turn on the lamp\n".utf8))
    }

    @Test("another model over the same output is refused, and taken with --force")
    func otherModel() throws {
        try make(2)
        #expect(try batch(["in", "--output", "out", "-q"]).exitCode == 0)
        let refused = try batch(["in", "--output", "out", "--beam", "4"])
        #expect(refused.exitCode == 1 && refused.errorLines.count == 1)
        #expect(refused.errors.contains("with other options (--beam 256, now 4)") && refused.errors.contains("--force"))
        let forced = try batch(["in", "--output", "out", "--beam", "4", "--force"])
        #expect(forced.exitCode == 0 && forced.errorLines.first?.hasPrefix("0 done, 1 to do") == true)
    }

    @Test("a folder with nothing but folders says how they are looked into; quiet, old errors are not told again")
    func folders() throws {
        try FileManager.default.createDirectory(
            atPath: folder.path("top/deep"), withIntermediateDirectories: true)
        try folder.write(lamp, to: "top/deep/a.wav")
        let first = try batch(["top", "-o", "out"])
        #expect(
            first.exitCode == 0
                && first.errorLines.first == "0 done, 0 to do, 1 folder not looked into (--recursive does)")
        #expect(
            first.errors.contains("warning: no recording was found, but 1 folder: give --recursive to look into it"))
        try folder.write([], to: "top/deep/empty.wav")
        let second = try batch(["top", "-o", "out", "-r", "-q"])
        #expect(second.exitCode == 1 && second.errorLines.count == 1)
        let third = try batch(["top", "-o", "out", "-r", "-q"])
        #expect(third.exitCode == 1 && third.errors == "")
        let fourth = try batch(["top", "-o", "out", "-r"])
        #expect(fourth.exitCode == 1 && fourth.errors.contains("is empty"))
        let found = try batch(["search", "out", "turn on"])
        #expect(found.exitCode == 0 && found.output == "top/deep/a.wav\t0:00\tturn on the lamp\n", "\(found.output)")
        let none = try batch(["search", "out", "nothing of the kind"])
        #expect(none.exitCode == 1 && none.output == "")
    }

    @Test("--watch does what comes into a folder, until it is interrupted")
    func watching() throws {
        try folder.write(lamp, to: "in/first.wav")
        let process = try start(["in", "-o", "out", "--watch"])
        func waits(for name: String) -> Bool {
            let end = Date(timeIntervalSinceNow: 120)
            while Date() < end {
                if FileManager.default.fileExists(atPath: folder.path("out/\(name).txt")) { return true }
                usleep(50_000)
            }
            return false
        }
        #expect(waits(for: "first"))
        try folder.write(lamp, to: "in/second.wav")
        #expect(waits(for: "second"))
        process.interrupt()
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
    }

    @Test("a folder of hostile files: each has its line, the good ones are done, the exit code is 1")
    func hostileFolder() throws {
        let float = WAVBytes(format: 3, bits: 32, data: (0..<16_000).flatMap { _ in little(Float.nan.bitPattern) })
        var draws = SeededGenerator(seed: 5)
        let noise = (0..<3000).map { _ in UInt8.random(in: 0...255, using: &draws) }
        let bad: [(name: String, bytes: [UInt8], said: String)] = [
            ("zero.wav", [], "is empty"), ("one.wav", WAVBytes(data: [1, 0]).bytes, "too short"),
            ("nan.wav", float.bytes, "not a finite number"),
            ("noise.wav", Array("RIFF\0\0\0\0WAVE".utf8) + noise, "damaged or unsupported header"),
            ("rate.wav", WAVBytes(sampleRate: 400_000, data: Array(lamp[44...])).bytes, "sample rate"),
        ]
        for file in bad { try folder.write(file.bytes, to: "in/\(file.name)") }
        try folder.write(lamp.dropLast(4000), to: "in/cut.wav")
        try folder.write(WAVBytes(data: Array(lamp[44...]), statedDataSize: 1 << 31).bytes, to: "in/claims.wav")
        try folder.write(lamp, to: "in/good.wav")
        try folder.write(lamp, to: "in/new\nline.wav")
        try folder.write("Dear all".utf8, to: "in/notes.txt")
        #expect(symlink(".", folder.path("in/loop")) == 0 && symlink("none", folder.path("in/gone.wav")) == 0)
        #expect(mkfifo(folder.path("in/pipe.wav"), 0o600) == 0)
        // Who may read everything is not kept out by this.
        let isKeptOut = geteuid() != 0
        if isKeptOut { try folder.write(lamp, to: "in/locked.wav") }
        if isKeptOut { chmod(folder.path("in/locked.wav"), 0) }
        #expect(try shell("cp in/good.wav \"in/$(printf 'caf\\351').wav\"").code == 0)

        let result = try shell("\"$utter\" batch in --recursive --output out --format text,json")
        #expect(result.code == 1)
        for file in bad {
            #expect(result.errors.contains("error: \"in/\(file.name)\""), "\(result.errors)")
            #expect(result.errors.contains(file.said))
        }
        #expect(result.errors.contains("error: \"in/gone.wav\" does not exist"))
        #expect(result.errors.contains("warning: \"in/cut.wav\": the file is truncated"))
        let found = try contents("out")
        for name in ["good", "new\nline", "claims"] { #expect(found["\(name).txt"] == Data("turn on the lamp\n".utf8)) }
        #expect(found["cut.json"] != nil && found["nan.txt"] == nil)
        #expect(try shell("cmp out/good.txt \"out/$(printf 'caf\\351').txt\"").code == 0)

        let report = try batch(["report", "out"])
        #expect(report.exitCode == 0)
        let page = try String(contentsOfFile: folder.path("out/report.html"), encoding: .utf8)
        for name in bad.map(\.name) + ["gone.wav", "cut.wav", "claims.wav", "notes.txt"] {
            #expect(page.contains("in/<wbr>\(name)</a></td>"), "\(name)")
        }
        #expect(page.contains("caf\\xE9.wav") && page.contains("new\\nline.wav"))
        // Nothing is asked for from outside.
        #expect(!page.contains("http:") && !page.contains("https:") && !page.contains("<script src"))
        // The page lies in the output folder, and its links lead to the sound and the texts from there.
        #expect(page.contains("href=\"../in/good.wav\"") && page.contains("href=\"./good.txt\""))
        #expect(page.contains("data:image/svg+xml;base64,"))
        let status = try batch(["status", "out"])
        #expect(status.output.contains("failed       \(bad.count + 1 + (isKeptOut ? 1 : 0))\n"))
        #expect(status.output.contains("damaged      1,"))
    }

    @Test("names that leave results no place cost one line, and the others are done")
    func names() throws {
        let long = String(repeating: "x", count: 250)
        for name in ["talk.wav", "other.wav", "\(long).wav", "talk.txt/x.wav"] {
            try FileManager.default.createDirectory(
                atPath: folder.path("in/talk.txt"), withIntermediateDirectories: true)
            try folder.write(lamp, to: "in/\(name)")
        }
        let result = try batch(["in", "-r", "-o", "out", "--format", "text,textgrid"])
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("error: \"in/\(long).wav\" has no place for its results"))
        // Whichever comes first has the name.
        let (file, inner) = (result.errors.contains("\"in/talk.wav\""), result.errors.contains("\"in/talk.txt/x.wav\""))
        #expect(file != inner, "\(result.errors)")
        #expect(result.errorLines.last?.contains("in all 2 done, 2 failed") ?? false)
        #expect(try contents("out")["other.txt"] == Data("turn on the lamp\n".utf8))
        #expect(try batch(["status", "out"]).output.contains("  2 x no place for results\n"))
    }

    @Test("files that claim more than any disk holds fail with their names, soon, and the others are done")
    func hugeFiles() throws {
        try make(2)
        // What this disk cannot claim is left at what it can.
        for name in ["a", "b"] {
            let path = try folder.write([], to: "in/\(name).wav")
            for size in [off_t.max, 1 << 43, 1 << 33] where truncate(path, size) == 0 { break }
        }
        let result = try batch(["in", "-r", "-o", "out"])
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("in all 2 done, 2 failed"), "\(result.errors)")
        for name in ["a", "b"] { #expect(result.errors.contains("error: \"in/\(name).wav\" ")) }
    }

    @Test("a result that was taken away is written again, byte for byte")
    func lostResult() throws {
        try make(20)
        #expect(try batch(["in", "-r", "-q", "-o", "out", "--format", "text,json"]).exitCode == 0)
        let before = try contents("out")
        for name in ["3.json", "7.txt"] { try FileManager.default.removeItem(atPath: folder.path("out/\(name)")) }
        // Also in a copy that has lost the hidden folder.
        try FileManager.default.removeItem(atPath: folder.path("out/.utter"))
        let again = try batch(["in", "-r", "-o", "out", "--format", "json,text"])
        #expect(
            again.exitCode == 0
                && again.errorLines.first == "20 done (results of 2 are written from the ledger), 0 to do")
        #expect(try contents("out") == before)
    }

    /// Users without a right to write, root played by nobody.
    private static let reader: [String]? =
        geteuid() != 0
        ? []
        : FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv")
            ? ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : nil

    @Test(
        "status and report want no right to write, but a place for the page",
        .enabled(if: reader != nil, "root may write everywhere: apt-get install util-linux"))
    func readOnly() throws {
        try make(3)
        #expect(try batch(["in", "-r", "-q", "-o", "out"]).exitCode == 0)
        // Where nobody may look into the folder of the build, a copy of the command.
        let command = folder.path("utter")
        try FileManager.default.copyItem(atPath: BuiltCommand.url.path, toPath: command)
        #expect(try shell("chmod -R a+rX . && chmod -R a-w out && mkdir page && chmod a+w page").code == 0)
        let prefix = (Self.reader ?? []).joined(separator: " ")
        let status = try shell("\(prefix) ./utter batch status out > told")
        #expect(status.code == 0 && status.errors == "")
        let told = try String(contentsOfFile: folder.path("told"), encoding: .utf8)
        #expect(told.contains("done         3, "))
        #expect(try shell("\(prefix) ./utter batch report out -q --output page/report.html").code == 0)
        #expect(FileManager.default.fileExists(atPath: folder.path("page/report.html")))
        let refused = try shell("\(prefix) ./utter batch report out")
        #expect(refused.code == 1 && refused.errors.contains("\"out/report.html\""), "\(refused.errors)")
        #expect(try shell("chmod -R u+w out").code == 0)
    }

    @Test("killed at moments drawn from a seed and run again each time, it ends with the bytes of a run in peace")
    func kills() throws {
        try make(48)
        let arguments = ["in", "--recursive", "--format", "text,json", "--quiet", "--output"]
        #expect(try batch(arguments + ["peace"]).exitCode == 0)
        var draws = SeededGenerator(seed: 11)
        var kills = 0
        // The moment is when so many results are there; then the process is within whatever comes next.
        while results("war") < 48, kills < 8 {
            let moment = results("war") + Int.random(in: 0...12, using: &draws)
            let process = try start(arguments + ["war"])
            while process.isRunning, results("war") < moment { usleep(200) }
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            process.waitUntilExit()
            kills += 1
        }
        #expect(try batch(arguments + ["war"]).exitCode == 0)
        #expect(try contents("war") == contents("peace"))
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path("war/.utter"))
        #expect(left.sorted() == ["listing", "results"])
    }

    @Test("a disk that is full: one line, exit 1, what is done stays, and with room again it goes on")
    func fullDisk() throws {
        try make(40)
        #expect(try batch(["in", "-r", "-q", "--format", "text,textgrid", "-o", "roomy"]).exitCode == 0)
        // A limit on the size of files stands for the disk; the ledger is the first to meet it.
        let ledger = try Data(contentsOf: URL(fileURLWithPath: folder.path("roomy/ledger.sqlite")))
        let full = try shell(
            "trap '' XFSZ; ulimit -f \(ledger.count / 1024 * 3 / 4); "
                + "exec \"$utter\" batch in -r -q --format text,textgrid -o small")
        #expect(full.code == 1)
        let lines = full.errors.split(separator: "\n")
        #expect(lines.count == 1 && lines[0].hasPrefix("error: \"small/"), "\(full.errors)")
        #expect(lines[0].contains("nothing that is done is lost"))
        let again = try batch(["in", "-r", "--format", "text,textgrid", "-o", "small"])
        #expect(again.exitCode == 0)
        #expect(try contents("small") == contents("roomy"))
    }

    @Test("Ctrl-C: what is under way is finished, exit 130, and the same command goes on")
    func interruption() throws {
        try make(64)
        let process = try start(["in", "-r", "-o", "out"])
        while process.isRunning, results("out") < 1 { usleep(200) }
        process.interrupt()
        process.waitUntilExit()
        #expect([0, 130].contains(process.terminationStatus) && process.terminationReason == .exit)
        #expect(FileManager.default.fileExists(atPath: folder.path("out/results.jsonl")))
        #expect(try batch(["in", "-r", "-o", "out", "-q"]).exitCode == 0)
        #expect(results("out") == 64)
    }

    @Test("paths in, lines of JSON out: one for each, errors too")
    func stream() throws {
        try make(3)
        let list = try folder.write("in/1.wav\nin/none.wav\nin/2.wav\n".utf8, to: "list")
        let result = try BuiltCommand.run(
            ["batch", "--from", "-"], standardInput: URL(fileURLWithPath: list), in: folder.url)
        #expect(result.exitCode == 1)
        let objects = try result.outputLines.map {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
        }
        #expect(Set(objects.compactMap { $0["file"] as? String }) == ["in/1.wav", "in/none.wav", "in/2.wav"])
        let failed = objects.first { $0["file"] as? String == "in/none.wav" }
        #expect(failed?["kind"] as? String == "missing" && failed?["text"] == nil)
        #expect(objects.filter { $0["text"] is String }.count == 2)
        // The same as a list for an output folder.
        #expect(try batch(["--from", "list", "--output", "out"]).exitCode == 1)
        #expect(FileManager.default.fileExists(atPath: folder.path("out/in/1.txt")))
    }

    @Test("shards of a Slurm array, merged")
    func slurm() throws {
        try make(12)
        for index in 0..<2 {
            let array = [
                "SLURM_ARRAY_TASK_ID": "\(index)", "SLURM_ARRAY_TASK_COUNT": "2", "SLURM_ARRAY_TASK_MIN": "0",
                "SLURM_ARRAY_TASK_MAX": "1",
            ]
            let result = try batch(["in", "-r", "-o", "out"], environment: array)
            #expect(result.exitCode == 0 && result.errors.hasPrefix("shard \(index + 1)/2: 0 done, "))
        }
        #expect(try batch(["status", "out"]).output.contains("shard 2/2: "))
        let merged = try batch(["merge", "out"])
        #expect(merged.exitCode == 0 && merged.errors == "\"out\": 2 shards, 12 done, 0 to do, 0 failed\n")
        #expect(results("out") == 12)
    }

    @Test("memory stays within bounds with a long recording among short ones")
    func memory() throws {
        try make(40)
        let source = try AudioFile.read(Folders.package.appendingPathComponent("audio/ten-seconds.wav").path)
        try folder.write(
            WAVBytes(data: pcm16((0..<18).flatMap { _ in source.waveform.samples })).bytes, to: "in/long.wav")
        #if os(Linux)
            let process = try start(["in", "-r", "-o", "out", "--threads", "2"])
            var peak = 0
            // The last that can be read before it ends: it only grows.
            while process.isRunning {
                let place = "/proc/\(process.processIdentifier)/status"
                let status = try? String(contentsOfFile: place, encoding: .utf8)
                for line in (status ?? "").split(separator: "\n") where line.hasPrefix("VmHWM:") {
                    peak = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? peak
                }
                usleep(2000)
            }
            #expect(process.terminationStatus == 0 && results("out") == 41)
            #expect((1..<400_000).contains(peak), "\(peak) KiB")
        #endif
    }

    @Test(
        "wrong usage is told, with exit 2; what is wrong with files, with exit 1",
        arguments: [
            ([], 2, "Nothing to transcribe: name folders or files, or a list with --from."),
            (["in"], 2, "--output: name the folder for the results."),
            (["in", "--output", "out", "--shard", "3/2"], 2, "--shard 3/2: give I/N"),
            (["--from", "-", "--from", "-", "--output", "out"], 2, "- stands for standard input"),
            (["--from", "list", "--force"], 2, "Without --output nothing is remembered"),
            (["--from", "list", "--max-memory", "10"], 1, "is less than this model needs"),
            (["none", "--output", "out"], 1, "\"none\" does not exist: check the path"),
            (["none/*.wav", "--output", "out"], 1, "\"none/*.wav\" matches no file"),
            (["in", "--output", "in"], 1, "holds files and no ledger"),
            (["in", "--output", "out", "--max-memory", "10"], 1, "is less than this model needs"),
            (["status", "in"], 1, "\"in\" holds no ledger: give the --output of a run of utter batch"),
            (["report", "none"], 1, "\"none\" holds no ledger"),
            (["merge", "in"], 1, "\"in\" holds no ledger of a shard"),
        ] as [([String], Int32, String)])
    func mistakes(arguments: [String], code: Int32, said: String) throws {
        try make(1)
        let result = try batch(arguments)
        #expect(result.exitCode == code)
        #expect(result.errors.contains(said), "\(result.errors)")
        #expect(result.output == "")
        if code == 1 { #expect(result.errorLines.count == 1) }
    }
}
