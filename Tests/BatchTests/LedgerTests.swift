import AudioIO
import Batch
import Files
import Foundation
import Testing
import TestSupport
import Transcription

/// What a ledger remembers, without a recording being heard.
@Suite struct LedgerTests {
    private let folder: TemporaryFolder
    private let ledger: Ledger
    private let settings: RunSettings
    private let recording: AudioInformation

    init() throws {
        folder = try TemporaryFolder()
        recording = try AudioFile.information(Folders.package.appendingPathComponent("audio/ten-seconds.wav").path)
        ledger = try Ledger(RawPath(folder.path("ledger.sqlite")), .making)
        settings = try RunSettings(
            model: "m", path: folder.write("weights".utf8, to: "model"), options: [:], files: [:])
    }

    private func file(_ name: String, size: Int64 = 100, modified: Int64 = 1, isNamed: Bool = false) -> FoundFile {
        var file = FoundFile(
            path: RawPath("/in/" + name), name: RawPath("in/" + name), mirrored: RawPath(name), status: nil,
            isNamed: isNamed)
        (file.size, file.modified) = (size, modified)
        return file
    }

    private func list(
        _ files: [FoundFile], settings other: RunSettings? = nil, formats: [TranscriptFormat] = [.text],
        in results: String? = nil, retries: Bool = false, isForced: Bool = false, comparesContent: Bool = false
    ) throws -> ListingCounts {
        let listing = try LedgerListing(
            ledger,
            ListingOptions(
                settings: other ?? settings, formats: formats, folder: results.map { RawPath($0) },
                retriesFailed: retries, isForced: isForced, comparesContent: comparesContent))
        for file in files { try listing.add(file) }
        return try listing.finish()
    }

    private func claimant(
        _ token: String = "a", settings other: RunSettings? = nil, formats: [TranscriptFormat] = [.text]
    ) throws -> Claimant {
        Claimant(token: token, settings: try (other ?? settings).key, formats: formats)
    }

    /// Claims all there is, and says of each what became of it; gives the formats in which results were written.
    @discardableResult
    private func work(
        formats: [TranscriptFormat] = [.text], settings other: RunSettings? = nil, hash: String? = nil,
        _ result: (WorkItem) -> Outcome.Result
    ) throws -> [String: [TranscriptFormat]] {
        let claimant = try claimant(settings: other, formats: formats)
        var written: [String: [TranscriptFormat]] = [:]
        while true {
            let batch = try ledger.claimBatch(for: claimant).filter(\.isWanted)
            if batch.isEmpty { return written }
            for item in batch { written[item.name] = item.formats }
            try ledger.complete(
                batch.map { Outcome(item: $0, result: result($0), hash: hash) }, by: claimant)
        }
    }

    private func transcript(_ item: WorkItem) -> Outcome.Result {
        .transcript(
            Transcript(
                file: item.name, words: [Word(text: "so", start: 0, end: 0.5, confidence: 0.25)], duration: 2,
                model: "m", recording: recording))
    }

    @Test("processes that begin at the same moment make one ledger between them")
    func madeAtOnce() throws {
        for round in 0..<20 {
            let path = RawPath(folder.path("at-once-\(round).sqlite"))
            let outcomes = Outcomes()
            DispatchQueue.concurrentPerform(iterations: 6) { _ in
                outcomes.add(Result { _ = try Ledger(path, .making) })
            }
            for outcome in outcomes.all { try outcome.get() }
            #expect(outcomes.all.count == 6)
        }
    }

    /// What several threads gave.
    private final class Outcomes: @unchecked Sendable {  // its state is behind `lock`
        private let lock = NSLock()
        private var outcomes: [Result<Void, any Error>] = []
        var all: [Result<Void, any Error>] { lock.withLock { outcomes } }
        func add(_ outcome: Result<Void, any Error>) { lock.withLock { outcomes.append(outcome) } }
    }

    @Test("what is done is not done again; what is new, changed or failed and wanted is")
    func reruns() throws {
        let files = [file("a.wav"), file("b.wav"), file("c.wav"), file("notes.txt")]
        #expect(try list(files).todo == 4)
        try work { item in
            switch item.name {
            case "in/b.wav": .failure(RecordingFailure(TranscriptionError.noProbabilities(path: "b")))
            case "in/notes.txt": .noRecording
            default: transcript(item)
            }
        }
        var counts = try list(files)
        #expect((counts.done, counts.failed, counts.others, counts.todo) == (2, 1, 1, 0))
        counts = try list(files, retries: true)
        #expect((counts.done, counts.failed, counts.others, counts.todo) == (2, 0, 1, 1))
        // One changed in size, one in time, and a new one; b waits from before.
        counts = try list([file("a.wav", size: 101), file("b.wav"), file("c.wav", modified: 2), file("d.wav")])
        #expect((counts.done, counts.todo, counts.bytesToDo) == (0, 4, 401))
        try work(transcript)
        #expect(try ledger.counts().done == 4)
        // What is not listed is neither counted nor claimed.
        counts = try list([file("a.wav", size: 101)])
        #expect(counts.recordings == 1 && counts.done == 1)
        // A file that was passed over is an error once it is named.
        #expect(try list([file("notes.txt", isNamed: true)]).todo == 1)
    }

    @Test("another model or other options are refused unless forced, and then all is done anew")
    func settingsMatter() throws {
        let files = [file("a.wav"), file("b.wav")]
        _ = try list(files)
        try work(transcript)
        let others = [
            try RunSettings(model: "m", path: folder.write("other".utf8, to: "other"), options: [:], files: [:]),
            try RunSettings(model: "m", path: folder.path("model"), options: ["beam": "8"], files: [:]),
            try RunSettings(
                model: "m", path: folder.path("model"), options: [:],
                files: ["hot-words": folder.write("so".utf8, to: "words")]),
        ]
        for other in others {
            let error = #expect(throws: BatchError.self) { try list(files, settings: other) }
            #expect(error?.description.contains("--force") ?? false)
        }
        #expect(try list(files).done == 2)
        #expect(try list(files, settings: others[0], isForced: true).todo == 2)
    }

    @Test("two processes that begin with different models at once do not mix their results")
    func settingsAtOnce() throws {
        let files = (0..<20).map { file("\($0).wav") }
        let other = try RunSettings(
            model: "m", path: folder.write("other".utf8, to: "other"), options: [:], files: [:])
        // Neither has done anything when the other lists; all of it is the work of who listed last.
        _ = try list(files)
        _ = try list(files, settings: other)
        #expect(try ledger.claimBatch(for: claimant("a")).isEmpty)
        #expect(try ledger.claimBatch(for: claimant("b", settings: other)).count == 16)
        // What another process is about counts like what is done.
        #expect(throws: BatchError.self) { try list(files) }
    }

    @Test(
        "a format is added to those that are there; they are written without hearing anything, and going back does nothing"
    )
    func formatsAdd() throws {
        let files = [file("a.wav"), file("b.wav")]
        _ = try list(files)
        try work(transcript)
        // They are written from what the ledger has; nothing is heard anew.
        let added = try list(files, formats: [.srt])
        #expect((added.done, added.todo, added.rewritten) == (2, 0, 2))
        #expect(try work(formats: [.srt], transcript).isEmpty)
        for formats: [TranscriptFormat] in [[.text], [.srt], [.srt, .text]] {
            #expect(try list(files, formats: formats).done == 2)
        }
        // Another model, and a recording that failed for a time: no result is left that is older than the others.
        let other = try RunSettings(
            model: "m", path: folder.write("other".utf8, to: "other"), options: [:], files: [:])
        #expect(try list(files, settings: other, isForced: true).todo == 2)
        try work(settings: other) { .failure(RecordingFailure(TranscriptionError.noProbabilities(path: $0.name))) }
        #expect(try list(files, settings: other, retries: true).todo == 2)
        #expect(try work(settings: other, transcript)["in/b.wav"]?.contains(.text) == true)
    }

    @Test("a result that is gone is written again, from the ledger")
    func lostResults() throws {
        let files = (0..<20).map { file("\($0).wav", size: Int64(100 - $0)) }
        let results = folder.path("results")
        try FileManager.default.createDirectory(atPath: results, withIntermediateDirectories: true)
        _ = try list(files, in: results)
        try work(transcript)
        for number in 0..<20 where number != 3 { try folder.write([], to: "results/\(number).txt") }
        #expect(try list(files).todo == 0)
        let counts = try list(files, in: results)
        #expect((counts.done, counts.todo, counts.rewritten) == (20, 0, 1))
        #expect(try ledger.claimBatch(for: claimant()).filter(\.isWanted).isEmpty)
    }

    @Test("a sum over the bytes tells that a file with another time is the same")
    func checksums() throws {
        let path = try folder.write("sound".utf8, to: "a.wav")
        func found(_ modified: Int64) -> FoundFile {
            var found = file("a.wav", size: 5, modified: modified)
            found.path = RawPath(path)
            return found
        }
        _ = try list([found(1)])
        try work(hash: RunSettings.sum(of: RawPath(path)), transcript)
        #expect(try list([found(2)], comparesContent: true).done == 1)
        #expect(try list([found(2)]).done == 1)
        try folder.write("hound".utf8, to: "a.wav")
        #expect(try list([found(3)], comparesContent: true).todo == 1)
    }

    @Test("no two recordings have results of one name, on disks that fold case either")
    func outputs() throws {
        let names = ["a.wav", "a.flac", "A.wav", "a.flac.wav", "b.wav"]
        _ = try list(names.map { file($0) })
        var outputs: [String: String] = [:]
        for item in try ledger.claimBatch(for: claimant()) { outputs[item.name] = item.output.text }
        #expect(outputs["in/a.wav"] == "a" && outputs["in/a.flac"] == "a.flac" && outputs["in/b.wav"] == "b")
        #expect(Set(outputs.values.map { $0.lowercased() }).count == names.count)
    }

    @Test("batches are of like size, the largest first, and the same however often a run was stopped")
    func batches() throws {
        var draws = SeededGenerator(seed: 3)
        let files = (0..<50).map { file("\($0).wav", size: Int64.random(in: 1...1000, using: &draws)) }
        _ = try list(Array(files.shuffled(using: &draws)))
        let first = try ledger.claimBatch(for: claimant())
        #expect(first.count == 16 && first.map(\.size) == first.map(\.size).sorted(by: >))
        let sizes = files.map(\.size).sorted(by: >)
        #expect(first.map(\.size) == Array(sizes[..<16]))
        // Half of it is done when the process ends; whoever comes next is given the whole batch, and does the rest.
        try ledger.complete(
            first[..<8].map { Outcome(item: $0, result: transcript($0)) }, by: claimant())
        try ledger.releaseClaims { $0 == "a" }
        #expect(try list(files).todo == 42)
        let again = try ledger.claimBatch(for: claimant("b"))
        #expect(again.map(\.id) == first.map(\.id))
        #expect(again.map(\.isWanted) == (0..<16).map { $0 >= 8 })
        // A second process is given the next.
        #expect(try ledger.claimBatch(for: claimant("c")).map(\.size) == Array(sizes[16..<32]))
        #expect(try ledger.counts().working == 24)
    }

    @Test("a long recording has a batch of its own")
    func longRecordings() throws {
        let long = LedgerListing.bytesInBatch
        _ = try list([file("a.wav", size: long * 3), file("b.wav", size: long), file("c.wav"), file("d.wav")])
        #expect(try (0..<3).map { _ in try ledger.claimBatch(for: claimant()).count } == [1, 1, 2])
    }

    @Test("results of all: JSON lines and a table, by path, names that are no text besides")
    func exports() throws {
        var raw = file("z.wav")
        raw.path = RawPath(bytes: Array("/in/".utf8) + [0xE9])
        raw.name = raw.path
        _ = try list([file("b, \"c\"\n.wav"), file("a.wav"), raw])
        try work { item in
            item.name == "in/a.wav"
                ? .failure(RecordingFailure(TranscriptionError.noProbabilities(path: "a"))) : transcript(item)
        }
        let (lines, table) = (folder.path("r.jsonl"), folder.path("r.csv"))
        try ResultExport(ledger).write(jsonLines: RawPath(lines), table: RawPath(table))
        let objects = try String(contentsOfFile: lines, encoding: .utf8).split(separator: "\n").map {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
        }
        #expect(objects.map { $0["file"] as? String } == ["in/a.wav", "in/b, \"c\"\n.wav", "/in/\\xE9"])
        #expect((objects[0]["error"] as? String)?.contains("no probabilities") ?? false)
        #expect(objects[1]["text"] as? String == "so" && objects[1]["path_base64"] == nil)
        #expect(objects[2]["path_base64"] as? String == Data(raw.path.bytes).base64EncodedString())
        let rows = try String(contentsOfFile: table, encoding: .utf8).components(separatedBy: "\r\n")
        #expect(rows[0] == "file,state,duration,words,confidence,text,warnings,error,output")
        #expect(rows[2].hasPrefix("\"in/b, \"\"c\"\"\n.wav\",done,2.000,1,0.2500,so,,,") && rows.count == 5)
    }

    @Test("a file that is no ledger is refused in one line")
    func noLedger() throws {
        let path = RawPath(try folder.write((0..<4096).map { UInt8($0 % 251) }, to: "noise.sqlite"))
        let error = #expect(throws: BatchError.self) { try Ledger(path, .making) }
        #expect(error?.description.contains("is no ledger") ?? false)
        #expect(throws: BatchError.self) { try Ledger(RawPath(folder.path("none.sqlite")), .changing) }
    }

    @Test("a ledger that may only be read is read, also when a process was killed while it wrote")
    func reading() throws {
        let files = [file("a.wav"), file("b.wav")]
        _ = try list(files)
        try work(transcript)
        let path = folder.path("ledger.sqlite")
        #expect(try Ledger(RawPath(path), .reading).counts().done == 2)
        // As a killed process leaves it: the header of a journal (sqlite.org/fileformat.html, 3) without a page.
        let size = try Data(contentsOf: URL(fileURLWithPath: path)).count
        var journal: [UInt8] = [0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7]
        for number in [0, 1, UInt32(size / 4096), 512, 4096] {
            journal += withUnsafeBytes(of: number.bigEndian, Array.init)
        }
        journal += [UInt8](repeating: 0, count: 512 - journal.count)
        try folder.write(journal, to: "ledger.sqlite-journal")
        #expect(try Ledger(RawPath(path), .reading).counts().done == 2)
        #expect(!FileManager.default.fileExists(atPath: folder.path("ledger.sqlite-journal")))
        // One that is being made.
        try folder.write([], to: "new.sqlite")
        #expect(throws: BatchError.self) { try Ledger(RawPath(folder.path("new.sqlite")), .reading) }
    }

    @Test("a process that has ended is known to have, and what it left is taken away; one that lives is let alone")
    func processes() throws {
        let hidden = RawPath(folder.url.path)
        let token: String
        do {
            let lock = try ProcessLock(in: hidden)
            token = lock.token
            #expect(!ProcessLock.hasEnded(token, in: hidden))
            ProcessLock.tidy(hidden)
            #expect(FileManager.default.fileExists(atPath: lock.scratch.text))
        }
        #expect(ProcessLock.hasEnded(token, in: hidden))
        // As a process leaves it that was killed.
        try folder.write([], to: "abc.lock")
        try FileManager.default.createDirectory(atPath: folder.path("abc.tmp"), withIntermediateDirectories: true)
        try folder.write([], to: "abc.tmp/0")
        ProcessLock.tidy(hidden)
        #expect(!FileManager.default.fileExists(atPath: folder.path("abc.lock")))
        #expect(!FileManager.default.fileExists(atPath: folder.path("abc.tmp")))
    }

    @Test("time between runs is no time of work, and runs side by side count once")
    func workingClock() {
        let clock = WorkingClock([(100, 110), (50, 60), (55, 70), (200, 200)])
        #expect(clock.total == 30)
        #expect(clock.worked(until: 40) == 0 && clock.worked(until: 65) == 15)
        #expect(clock.worked(until: 90) == 20 && clock.worked(until: 105) == 25 && clock.worked(until: 1000) == 30)
    }
}
