import AcousticModel
import AudioIO
import Files
import Foundation
import TestSupport
import Testing
import Transcription

import Batch

/// Words in a ledger, without hearing anything.
@Suite struct SearchTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func fill(_ texts: [String], beam: String = "16") throws -> Ledger {
        let ledger = try Ledger(RawPath(folder.path("ledger.sqlite")), .making)
        let settings = try RunSettings(
            model: "m", path: folder.write([1], to: "model"), options: ["beam": beam], files: [:])
        let listing = try LedgerListing(
            ledger,
            ListingOptions(
                settings: settings, formats: [.text], folder: nil, retriesFailed: false, isForced: true,
                comparesContent: false))
        for index in texts.indices {
            let path = RawPath("/in/\(index).wav")
            try listing.add(FoundFile(path: path, name: path, mirrored: path.inward, status: nil, isNamed: true))
        }
        _ = try listing.finish()
        let claimant = Claimant(token: "t", settings: try settings.key, formats: [.text])
        let items = try ledger.claimBatch(for: claimant)
        try ledger.complete(
            items.map { item in
                let number = Int(item.name.filter(\.isNumber)) ?? 0
                let words = texts[number].split(separator: " ").enumerated().map { index, word in
                    Word(text: String(word), start: Double(index), end: Double(index) + 0.5, confidence: 1)
                }
                return Outcome(
                    item: item,
                    result: .transcript(
                        Transcript(
                            file: item.name, words: words, duration: 99, model: "m",
                            recording: AudioInformation(
                                path: item.name, container: "", encoding: "", sampleRate: 1, channels: 1, frames: nil)))
                )
            }, by: claimant)
        return ledger
    }

    private func search(_ phrases: String...) throws -> [String] {
        try BatchSearch(BatchFolder(folder.url.path)).hits(phrases).map { "\($0.file) \($0.start)" }.sorted()
    }

    @Test("words and phrases are found where they are said, whatever their case, accents and marks")
    func hits() throws {
        _ = try fill(["turn on the lamp", "the lamp is on don't turn", "Café O\u{2019}Neill's crème", "nothing"])
        #expect(try search("lamp") == ["/in/0.wav 3.0", "/in/1.wav 1.0"])
        #expect(try search("turn on") == ["/in/0.wav 0.0"])
        #expect(try search("LAMP", "is") == ["/in/1.wav 1.0", "/in/1.wav 2.0"])
        #expect(try search("cafe") == ["/in/2.wav 0.0"])
        #expect(try search("don't") == ["/in/1.wav 4.0"])
        #expect(try search("noth*") == ["/in/3.wav 0.0"])
        #expect(try search("\"lamp") == ["/in/0.wav 3.0", "/in/1.wav 1.0"])
        #expect(try search("lamp OR nothing") == [])
        #expect(throws: BatchError.self) { try search("*") }
    }

    @Test("a recording that is done anew is found by its new text alone")
    func replaced() throws {
        _ = try fill(["old words"])
        #expect(try search("old") == ["/in/0.wav 0.0"])
        _ = try fill(["new words"], beam: "4")
        #expect(try search("old") == [] && search("words") == ["/in/0.wav 1.0"])
    }

    @Test("results with other options are refused by the names of the options")
    func differences() throws {
        let ledger = try fill(["a"])
        let other = try RunSettings(
            model: "m", path: folder.path("model"), options: ["beam": "4", "channel": "2"], files: [:])
        let error = #expect(throws: BatchError.self) {
            try LedgerListing(
                ledger,
                ListingOptions(
                    settings: other, formats: [.text], folder: nil, retriesFailed: false, isForced: false,
                    comparesContent: false))
        }
        #expect(error?.description.contains("--beam 16, now 4; --channel not given, now 2") ?? false, "\(error as Any)")
    }
}
