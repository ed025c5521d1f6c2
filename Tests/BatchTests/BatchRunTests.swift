import AcousticModel
import AudioIO
import Batch
import Files
import Foundation
import Testing
import TestSupport
import Transcription

/// Whole runs with the shipped model, over pieces of a recording.
@Suite struct BatchRunTests {
    private static let model = Result {
        try AcousticModel(path: Folders.package.appendingPathComponent("models/english-small.safetensors").path)
    }

    private let folder: TemporaryFolder
    private let transcriber: Transcriber
    private let settings: RunSettings
    private var input: String { folder.path("in") }

    init() throws {
        folder = try TemporaryFolder()
        let model = try Self.model.get()
        transcriber = Transcriber(model: model, threads: 2)
        settings = try RunSettings(
            model: model.description.name,
            path: Folders.package.appendingPathComponent("models/english-small.safetensors").path, options: [:],
            files: [:])
    }

    /// Makes recordings of 0.5 to 2 s, some in folders.
    private func make(_ count: Int) throws {
        let source = try AudioFile.read(
            Folders.package.appendingPathComponent("audio/ten-seconds.wav").path)
        var draws = SeededGenerator(seed: 7)
        for number in 0..<count {
            let start = Int.random(in: 0..<100_000, using: &draws)
            let samples = source.waveform.samples[start..<start + Int.random(in: 8_000...32_000, using: &draws)]
            let place = number % 3 == 0 ? "in/deep/\(number).wav" : "in/\(number).wav"
            try FileManager.default.createDirectory(
                atPath: folder.path("in/deep"), withIntermediateDirectories: true)
            try folder.write(WAVBytes(data: pcm16(Array(samples))).bytes, to: place)
        }
    }

    private func run(
        into output: String, _ change: (inout BatchRun.Options) -> Void = { _ in }
    ) throws -> (BatchRun.Summary, ListingCounts) {
        var options = BatchRun.Options()
        options.inputs = [.path(RawPath(input))]
        options.isRecursive = true
        change(&options)
        var listed = ListingCounts()
        let run = try BatchRun(
            transcriber, settings: settings, folder: BatchFolder(folder.path(output)), options: options)
        return (try run.run(listed: { listed = $0 }), listed)
    }

    /// Relative paths and bytes of all files but ledgers and what is hidden.
    private func contents(_ output: String) throws -> [String: Data] {
        var contents: [String: Data] = [:]
        let root = folder.path(output)
        for case let name as String in FileManager.default.enumerator(atPath: root) ?? .init() {
            guard !name.hasPrefix(".utter"), !name.hasSuffix(".sqlite") else { continue }
            if let data = FileManager.default.contents(atPath: "\(root)/\(name)") { contents[name] = data }
        }
        return contents
    }

    @Test("each recording has the text that it has by itself, in the mirrored tree; a second run does nothing")
    func results() throws {
        try make(21)
        let (summary, listed) = try run(into: "out") { $0.formats = [.text, .srt] }
        #expect(listed.todo == 21 && summary.progress.recordings == 21 && summary.isComplete)
        #expect(summary.counts.done == 21 && abs(summary.progress.seconds - summary.counts.seconds) < 0.01)
        for number in 0..<21 {
            let name = number % 3 == 0 ? "deep/\(number)" : "\(number)"
            let alone = try transcriber.transcribe("\(input)/\(name).wav")
            let text = try String(contentsOfFile: folder.path("out/\(name).txt"), encoding: .utf8)
            #expect(text == alone.text + "\n")
            #expect(FileManager.default.fileExists(atPath: folder.path("out/\(name).srt")))
        }
        let before = try contents("out")
        #expect(before.count == 2 * 21 + 2)
        let (again, counts) = try run(into: "out") { $0.formats = [.text, .srt] }
        #expect(again.progress.recordings == 0 && counts.done == 21 && counts.todo == 0)
        #expect(try contents("out") == before)
        // One that changes is done, and no other.
        try folder.write(WAVBytes(data: pcm16([Float](repeating: 0, count: 16_000))).bytes, to: "in/1.wav")
        let (third, _) = try run(into: "out") { $0.formats = [.text, .srt] }
        #expect(third.progress.recordings == 1)
        #expect(try String(contentsOfFile: folder.path("out/1.txt"), encoding: .utf8) == "\n")
    }

    @Test("runs that share a folder share the work; what they write is what one writes")
    func sharing() throws {
        try make(40)
        _ = try run(into: "alone")
        let done = try withThrowing(3) { _ in try run(into: "shared").0.progress.recordings }
        #expect(done.reduce(0, +) == 40)
        #expect(try contents("shared") == contents("alone"))
        let hidden = try FileManager.default.contentsOfDirectory(atPath: folder.path("shared/.utter"))
        #expect(hidden.sorted() == ["listing", "results"])
    }

    /// What a body gives on several threads at once.
    private func withThrowing<R: Sendable>(_ count: Int, _ body: @Sendable @escaping (Int) throws -> R) throws -> [R] {
        let results = Results<R>()
        let threads = (0..<count).map { index in
            let thread = Thread { results.add(Result { try body(index) }) }
            thread.stackSize = 8 << 20
            thread.start()
            return thread
        }
        return try results.wait(for: threads.count).map { try $0.get() }
    }

    @Test("shards do every recording once between them, and merged they are what one run gives")
    func shards() throws {
        try make(30)
        _ = try run(into: "whole")
        var done = 0
        for index in [2, 1, 3] {
            done += try run(into: "parts") { $0.shard = Shard(index: index, of: 3) }.0.progress.recordings
            if index == 1 { #expect(try ShardMerge(BatchFolder(folder.path("parts"))).merge().missing == [3]) }
        }
        #expect(done == 30)
        let merged = try ShardMerge(BatchFolder(folder.path("parts"))).merge()
        #expect(merged.missing.isEmpty && merged.counts.done == 30 && merged.counts.todo == 0)
        let (whole, parts) = (try contents("whole"), try contents("parts"))
        // Confidences may differ in the last digit, texts not.
        for (name, data) in whole where name.hasSuffix(".txt") { #expect(parts[name] == data) }
        let lines = String(decoding: parts["results.jsonl"] ?? Data(), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 30 && Set(lines).count == 30)
        // The merged ledger knows all: nothing is left to do.
        #expect(try run(into: "parts").1.done == 30)
        #expect(throws: BatchError.self) { try ShardMerge(BatchFolder(folder.path("whole"))).merge() }
    }

    @Test("shards of machines that share no disk: their folders copied into one are merged as any")
    func copiedShards() throws {
        try make(12)
        for index in 1...2 { _ = try run(into: "node-\(index)") { $0.shard = Shard(index: index, of: 2) } }
        // As `cp -r node-1/* node-2/* all` does it: hidden files stay behind.
        let files = FileManager.default
        try files.createDirectory(atPath: folder.path("all/deep"), withIntermediateDirectories: true)
        for index in 1...2 {
            for case let name as String in files.enumerator(atPath: folder.path("node-\(index)")) ?? .init() {
                guard !name.hasPrefix(".utter"), name != "deep" else { continue }
                try files.copyItem(atPath: folder.path("node-\(index)/\(name)"), toPath: folder.path("all/\(name)"))
            }
        }
        // A run of all would do again what is done.
        let error = #expect(throws: BatchError.self) { try run(into: "all") }
        #expect(error?.description.contains("utter batch merge") ?? false)
        #expect(throws: BatchError.self) { try run(into: "all") { $0.shard = Shard(index: 1, of: 3) } }
        let merged = try ShardMerge(BatchFolder(folder.path("all"))).merge()
        #expect(merged.counts.done == 12 && merged.missing.isEmpty)
        #expect(try run(into: "all").1.done == 12)
        #expect(try !BatchStatus(BatchFolder(folder.path("all"))).isBehindShards)
        try make(13)
        for index in 1...2 { _ = try run(into: "all") { $0.shard = Shard(index: index, of: 2) } }
        #expect(try BatchStatus(BatchFolder(folder.path("all"))).isBehindShards)
    }

    @Test("a recording longer than a window is among short ones what it is by itself")
    func longRecording() throws {
        try make(3)
        let source = try AudioFile.read(Folders.package.appendingPathComponent("audio/ten-seconds.wav").path)
        let samples = (0..<6).flatMap { _ in source.waveform.samples + [Float](repeating: 0, count: 4_000) }
        let path = try folder.write(WAVBytes(data: pcm16(samples)).bytes, to: "in/long.wav")
        let (summary, _) = try run(into: "out") { $0.formats = [.json] }
        #expect(summary.progress.recordings == 4)
        let alone = try JSONWriter().body(of: transcriber.transcribe(path))
        #expect(try String(contentsOfFile: folder.path("out/long.json"), encoding: .utf8) == alone)
        #expect(abs(summary.progress.seconds - summary.counts.seconds) < 0.01)
    }

    @Test("another format, and a result that is gone, are written from the ledger, as hearing again would")
    func otherFormats() throws {
        try make(5)
        _ = try run(into: "out")
        _ = try run(into: "whole") { $0.formats = [.text, .srt, .json, .ctm] }
        try FileManager.default.removeItem(atPath: folder.path("out/1.txt"))
        let (summary, listed) = try run(into: "out") { $0.formats = [.text, .srt, .json, .ctm] }
        #expect((listed.done, listed.todo, listed.rewritten) == (5, 0, 5))
        #expect(summary.progress.recordings == 0 && summary.isComplete)
        #expect(try contents("out") == contents("whole"))
    }

    @Test("a format that has no place is told, and what was heard stays in the ledger")
    func formatWithoutPlace() throws {
        try make(2)
        _ = try run(into: "out")
        try FileManager.default.createDirectory(atPath: folder.path("out/1.json"), withIntermediateDirectories: true)
        let (refused, _) = try run(into: "out") { $0.formats = [.text, .json] }
        #expect(!refused.isComplete && refused.problems.count == 1 && refused.counts.done == 2)
        #expect(refused.problems.first?.contains("is a folder") == true, "\(refused.problems)")
        try FileManager.default.removeItem(atPath: folder.path("out/1.json"))
        let (summary, listed) = try run(into: "out") { $0.formats = [.text, .json] }
        #expect((listed.done, listed.todo, listed.rewritten) == (2, 0, 1) && summary.progress.recordings == 0)
        #expect(summary.isComplete && FileManager.default.fileExists(atPath: folder.path("out/1.json")))
    }

    @Test("who looks again does not try again what failed, and hears files from the future")
    func lookingAgain() throws {
        try make(1)
        try folder.write("none".utf8, to: "in/bad.wav")
        var options = BatchRun.Options()
        options.inputs = [.path(RawPath(input))]
        options.isRecursive = true
        (options.retriesFailed, options.isForced, options.settledFor) = (true, true, 0.001)
        // A clock that is wrong dates files into the future.
        try FileManager.default.setAttributes(
            [.modificationDate: Date().addingTimeInterval(7200)], ofItemAtPath: folder.path("in/bad.wav"))
        let run = try BatchRun(
            transcriber, settings: settings, folder: BatchFolder(folder.path("out")), options: options)
        usleep(10_000)
        #expect(try run.run().progress.recordings == 2)
        #expect(try run.run(isRepeated: true).progress.recordings == 0)
        #expect(try run.run().progress.recordings == 1)
    }

    @Test("a long recording that was stopped goes on with what the network had said, and ends with the same bytes")
    func journal() throws {
        let source = try AudioFile.read(Folders.package.appendingPathComponent("audio/ten-seconds.wav").path)
        let samples = (0..<19).flatMap { _ in source.waveform.samples + [Float](repeating: 0, count: 4_000) }
        try FileManager.default.createDirectory(atPath: folder.path("in"), withIntermediateDirectories: true)
        try folder.write(WAVBytes(data: pcm16(samples)).bytes, to: "in/long.wav")
        let stop = Flag()
        var options = BatchRun.Options()
        options.inputs = [.path(RawPath(input))]
        let run = try BatchRun(
            transcriber, settings: settings, folder: BatchFolder(folder.path("out")), options: options)
        func journals() -> [String] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path("out/.utter"))) ?? []
            return names.filter { $0.hasPrefix("posteriors-") }
        }
        let output = folder.path("out/.utter")
        let summary = try run.run(
            isStopped: {
                // As soon as something is kept.
                let names = (try? FileManager.default.contentsOfDirectory(atPath: output)) ?? []
                let sizes = names.filter { $0.hasPrefix("posteriors-") }.compactMap {
                    try? FileManager.default.attributesOfItem(atPath: "\(output)/\($0)")[.size] as? Int
                }
                if sizes.contains(where: { $0 > 1000 }) { stop.set() }
                return stop.isSet
            })
        #expect(summary.wasStopped && summary.counts.done == 0)
        let kept = journals()
        #expect(kept.count == 1)
        // What a power failure cut is not taken for whole.
        let path = "\(output)/\(try #require(kept.first))"
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        try (bytes + bytes.prefix(500)).write(to: URL(fileURLWithPath: path))
        #expect(try self.run(into: "out").0.isComplete)
        #expect(journals().isEmpty)
        _ = try self.run(into: "whole")
        #expect(try contents("out") == contents("whole"))
    }

    @Test("folders in folders that nobody asked for are counted")
    func passedOver() throws {
        try make(4)
        #expect(try run(into: "out") { $0.isRecursive = false }.1.foldersPassedOver == 1)
        #expect(try run(into: "out").1.foldersPassedOver == 0)
    }

    @Test("status and report tell of done, failed, damaged and passed over")
    func reports() throws {
        try make(6)
        try folder.write([], to: "in/empty.wav")
        try folder.write("Dear all".utf8, to: "in/notes.txt")
        var cut = WAVBytes(data: pcm16([Float](repeating: 0.1, count: 16_000)))
        cut.statedDataSize = 64_000
        try folder.write(cut.bytes, to: "in/cut.wav")
        let (summary, _) = try run(into: "out")
        #expect(!summary.isComplete && summary.failed.map(\.kind) == ["empty"])
        let status = try BatchStatus(BatchFolder(folder.path("out")))
        #expect((status.counts.done, status.counts.failed, status.counts.damaged, status.counts.others) == (7, 1, 1, 1))
        #expect(status.kinds.map(\.kind) == ["empty"] && status.models.map(\.recordings) == [7])
        let report = try BatchReport(BatchFolder(folder.path("out")), shown: 3)
        #expect(report.failed.count == 1 && report.damaged.count == 1 && report.others.count == 1)
        #expect(report.leastSure.count == 3)
        let confidences = report.leastSure.compactMap(\.confidence)
        #expect(confidences == confidences.sorted())
        #expect(report.confidences.reduce(0, +) >= 6)
        #expect(throws: BatchError.self) { try BatchStatus(BatchFolder(folder.path("in"))) }
    }

    @Test("folders that hold something else are not written to, and too little memory is refused")
    func refusals() throws {
        try make(1)
        #expect(throws: BatchError.self) { try run(into: "in") }
        #expect(throws: BatchError.self) { try run(into: "in/deep/0.wav") }
        let error = #expect(throws: BatchError.self) { try run(into: "out") { $0.megabytes = 20 } }
        #expect(error?.description.contains("MB at least") ?? false)
        #expect(throws: BatchError.self) { try BatchStream(transcriber, megabytes: 20) }
        let plan = try MemoryPlan(transcriber.model, threads: 64, megabytes: 500)
        #expect(plan.workers >= 2 && MemoryPlan.needed(transcriber.model, workers: plan.workers) <= 500)
        #expect(MemoryPlan.needed(transcriber.model, workers: plan.workers + 1) > 500)
    }

    @Test("where an end is asked for, what is done is kept and the rest is left to do")
    func stopping() throws {
        try make(40)
        let stop = Flag()
        var options = BatchRun.Options()
        options.inputs = [.path(RawPath(input))]
        options.isRecursive = true
        let run = try BatchRun(
            transcriber, settings: settings, folder: BatchFolder(folder.path("out")), options: options)
        let summary = try run.run(isStopped: { stop.isSet }, progress: { if $0.recordings > 0 { stop.set() } })
        #expect(summary.counts.done == summary.progress.recordings && summary.counts.working == 0)
        #expect(summary.wasStopped == (summary.counts.todo > 0))
        #expect(try self.run(into: "out").0.counts.done == 40)
        _ = try self.run(into: "whole")
        #expect(try contents("out") == contents("whole"))
    }
}

/// Is set once.
private final class Flag: @unchecked Sendable {  // its state is behind `lock`
    private let lock = NSLock()
    private var value = false
    var isSet: Bool { lock.withLock { value } }
    func set() { lock.withLock { value = true } }
}

/// Results of threads.
private final class Results<R: Sendable>: @unchecked Sendable {  // its state is behind `condition`
    private let condition = NSCondition()
    private var results: [Result<R, any Error>] = []

    func add(_ result: Result<R, any Error>) {
        condition.withLock {
            results.append(result)
            condition.signal()
        }
    }

    func wait(for count: Int) -> [Result<R, any Error>] {
        condition.withLock {
            while results.count < count { condition.wait() }
            return results
        }
    }
}
