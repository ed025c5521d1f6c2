import AcousticModel
import CTC
import Files
import Foundation
import TensorFiles
import Testing
import TestSupport
import Transcription

@Suite struct PosteriorFileTests {
    private let folder: TemporaryFolder
    private let description =
        #"{"format":1,"vocabulary":["-","a"],"blank":0,"seconds_per_step":0.03,"first_step_seconds":0,"model":"m"}"#

    init() throws { folder = try TemporaryFolder() }

    /// Writes tensors with metadata and says what opening the file, or reading its first recording, says.
    private func message(_ tensors: [String: StoredTensor], _ metadata: [String: String]) throws -> String {
        let path = folder.path("p.safetensors")
        try SafetensorsWriter.write(tensors, metadata: metadata, to: path)
        do {
            let file = try PosteriorFile(path: path)
            for recording in file.recordings { _ = try file.posteriors(of: recording) }
            return "read"
        } catch {
            #expect("\(error)".hasPrefix("\"\(path)\" ") && !"\(error)".contains("\n"), "\(error)")
            return "\(error)"
        }
    }

    private func tensor(_ shape: [Int], _ values: [Float]) throws -> StoredTensor {
        .float32(try Tensor(shape: shape, values: values))
    }

    @Test("what is written is read again, with the vocabulary, the steps and the names, whatever characters they have")
    func roundTrip() throws {
        let model = try AcousticModel(
            path: Folders.package.appendingPathComponent("models/english-small.safetensors").path)
        let classes = model.posteriorColumns
        // Each head's columns are a distribution of their own.
        let heads = [model.vocabulary.symbols.count, classes - model.vocabulary.symbols.count]
        let step = heads.flatMap { [Float](repeating: -log(Float($0)), count: $0) }
        let uniform = LogProbabilities(classes: classes, values: (0..<4).flatMap { _ in step })
        let path = folder.path("p.safetensors")
        let names = ["clips/a b.wav", "-", "é\n\".flac"]
        try PosteriorFile.write(
            [names[0]: uniform, names[1]: LogProbabilities(classes: classes), names[2]: uniform[1..<3]], of: model,
            to: path)
        let file = try PosteriorFile(path: path)
        #expect(Set(file.recordings) == Set(names))
        #expect(file.vocabulary == model.vocabulary && file.description.model == "english-small")
        #expect(file.description.secondsPerStep == 0.03)
        #expect(try names.map { try file.posteriors(of: $0).steps } == [4, 0, 2])
        #expect(names.map { file.steps(of: $0) } == [4, 0, 2] && file.steps(of: "other") == nil)
        #expect(try file.posteriors(of: names[0]) == uniform)
        #expect(throws: PosteriorFileError.self) { try file.posteriors(of: "other") }
    }

    @Test("columns of two heads are two softmaxes, and the text is read from the second")
    func twoHeads() throws {
        let described = description.replacingOccurrences(
            of: #""model""#, with: #""head":"ctc-phones","characters":["x"," ","_"],"character_blank":2,"model""#)
        let first = [0.25, 0.75].map { log(Float($0)) }
        let second = [0.5, 0.25, 0.25].map { log(Float($0)) }
        #expect(try message(["a": tensor([1, 5], first + second)], ["posteriors": described]) == "read")
        let file = try PosteriorFile(path: folder.path("p.safetensors"))
        #expect(file.columns == 5 && file.textColumns == 2..<5 && file.vocabulary.unit == .phone)
        #expect(file.textVocabulary == Vocabulary(symbols: ["x", " ", "_"], blank: 2))
        #expect(try file.posteriors(of: "a").columns(file.textColumns).values == second)
        let bad = first + [0.5, 0.5, 0.5].map { log(Float($0)) }
        #expect(
            try message(["a": tensor([1, 5], bad)], ["posteriors": described]).contains("no log-probabilities"))
        #expect(try message(["a": tensor([1, 2], first)], ["posteriors": described]).contains("[steps, 5]"))
        for (old, new) in [
            ("\"character_blank\":2", "\"character_blank\":3"), ("ctc-phones", "sounds"), ("\"_\"", "\"x\""),
            (",\"character_blank\":2", ""),
        ] {
            let spoilt = described.replacingOccurrences(of: old, with: new)
            #expect(
                try message(["a": tensor([1, 5], first + second)], ["posteriors": spoilt])
                    .contains("description of its posteriors"), "\(new)")
        }
    }

    @Test("a file of something else, or with numbers that are no probabilities, is refused in one line")
    func refusals() throws {
        let (good, key) = (try tensor([1, 2], [log(0.25), log(0.75)]), "posteriors")
        #expect(try message(["a": good], [key: description]) == "read")
        #expect(try message(["a": good], [:]).contains("no posteriors (no key 'posteriors'"))
        for (old, new) in [
            ("\"format\":1", "\"format\":2"), ("\"blank\":0", "\"blank\":2"), ("0.03", "0"), ("0.03", "-1"),
            ("\"-\"", "\"a\""),
            ("{", "["), ("\"model\":\"m\"", "\"model\":1"),
        ] {
            let spoilt = description.replacingOccurrences(of: old, with: new)
            #expect(try message(["a": good], [key: spoilt]).contains("description of its posteriors"), "\(new)")
        }
        #expect(
            try message(["a": tensor([1, 3], [0, 0, 0])], [key: description]).contains("not of floats [steps, 2]"))
        #expect(try message(["a": tensor([2], [0, 0])], [key: description]).contains("not of floats [steps, 2]"))
        #expect(
            try message(["a": .int64(shape: [1, 2], values: [0, 0])], [key: description]).contains("not of floats"))
        let scores = try message(["a": tensor([2, 2], [log(0.5), log(0.5), 1, 2])], [key: description])
        #expect(scores.contains("no log-probabilities for \"a\" (those of step 1 sum to"))
        #expect(try message(["a": tensor([1, 2], [.nan, 0])], [key: description]).contains("no log-probabilities"))
        #expect(try message(["a": tensor([1, 2], [-.infinity, 0])], [key: description]) == "read")
    }

    @Test("a file cut at any place is refused")
    func truncated() throws {
        #expect(try message(["a": tensor([1, 2], [log(0.25), log(0.75)])], ["posteriors": description]) == "read")
        let bytes = try Data(contentsOf: folder.url.appendingPathComponent("p.safetensors"))
        for length in 0..<bytes.count {
            let cut = try folder.write(bytes.prefix(length), to: "cut.safetensors")
            #expect(throws: TensorFileError.self) { try PosteriorFile(path: cut) }
        }
    }
}
