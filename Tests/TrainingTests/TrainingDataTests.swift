import Foundation
import TestSupport
import Testing
import Training

/// What a run makes of bad data and of trouble on the way.
@Suite struct TrainingDataTests {
    private let folder: TemporaryFolder
    private let corpus: ToneCorpus

    init() throws {
        folder = try TemporaryFolder()
        corpus = try ToneCorpus(in: folder, recordings: 12)
    }

    private func train(_ recipe: TrainingRecipe, told: Told = Told()) throws {
        let run = TrainingFolder(path: folder.path("run\(UInt64.random(in: 0 ... .max))"))
        _ = try Trainer(recipe, folder: run, threads: 2, report: told.tell).run()
    }

    private func withLines(_ lines: [String]) throws -> TrainingRecipe {
        let good = try folder.read("train.jsonl")
        try folder.write((good + lines.joined(separator: "\n") + "\n").utf8, to: "mixed.jsonl")
        var recipe = corpus.recipe
        recipe.data.train = [folder.path("mixed.jsonl")]
        recipe.training.epochs = 1
        return recipe
    }

    @Test("bad rows are named with their line and skipped; more than the share that is allowed are refused")
    func badRows() throws {
        try folder.write([1, 2, 3], to: "no.wav")
        var recipe = try withLines([
            "{broken", #"{"audio_filepath": "missing.wav", "text": "a"}"#,
            #"{"audio_filepath": "no.wav", "text": "a"}"#,
            #"{"audio_filepath": "train0.wav", "text": ""}"#,
            #"{"audio_filepath": "train1.wav", "text": "abababababababababababababababababababababab"}"#,
        ])
        #expect(
            message { try train(recipe) }?.contains("5 of 17 lines are bad, first line 13: not a JSON object") == true)
        recipe.data.maxBad = 0.5
        let told = Told()
        try train(recipe, told: told)
        let skipped = told.skipped.map { $0.replacingOccurrences(of: folder.url.path + "/", with: "") }
        #expect(skipped.count == 5)
        #expect(skipped[0] == "mixed.jsonl:13: not a JSON object")
        #expect(skipped[1].hasPrefix("mixed.jsonl:14: ") && skipped[1].contains("does not exist"))
        #expect(skipped[2].hasPrefix("mixed.jsonl:15: "))
        #expect(skipped[3].hasPrefix("mixed.jsonl:16: \"text\" is empty"))
        #expect(skipped[4].contains("its text needs 44"))
    }

    @Test("recordings without a text are learned from where the recipe says so")
    func emptyTexts() throws {
        var recipe = try withLines([#"{"audio_filepath": "train0.wav", "text": ""}"#])
        recipe.data.keepsEmptyTexts = true
        let told = Told()
        try train(recipe, told: told)
        #expect(told.skipped.isEmpty)
        #expect(
            told.events.contains { if case .note(let text) = $0 { text.hasPrefix("13 recordings") } else { false } })
    }

    @Test("accents are composed, carriage returns and a byte order mark dropped: one symbol, not two")
    func normalised() throws {
        let lines = (0..<4).map { #"{"audio_filepath": "train\#($0).wav", "text": "e\#u{301}a"}"# }
        try folder.write(("\u{feff}" + lines.joined(separator: "\r\n") + "\r\n").utf8, to: "accents.jsonl")
        var recipe = corpus.recipe
        recipe.data.train = [folder.path("accents.jsonl")]
        recipe.training.epochs = 1
        let told = Told()
        try train(recipe, told: told)
        #expect(told.events.contains { if case .note(let text) = $0 { text.contains("4 symbols") } else { false } })
    }

    @Test("a character outside the vocabulary that the recipe names is told, with its row")
    func unknownCharacters() throws {
        var recipe = corpus.recipe
        recipe.data.characters = "abc"
        recipe.data.maxBad = 1
        let told = Told()
        try train(recipe, told: told)
        #expect(!told.skipped.isEmpty)
        #expect(told.skipped.allSatisfy { $0.contains("the text has 'd'") && $0.contains("outside the vocabulary") })
    }

    @Test("a recording that is damaged under way is left out, told and counted")
    func damagedLater() throws {
        var recipe = corpus.recipe
        recipe.training.epochs = 1
        // Its header is right; a sample in it is no number.
        var samples = [UInt8]()
        for index in 0..<16_000 { samples += little((index == 9_000 ? Float.nan : 0.1).bitPattern) }
        let wav = WAVBytes(format: 3, bits: 32, data: samples)
        try folder.write(wav.bytes, to: "nan.wav")
        recipe = try withLines([#"{"audio_filepath": "nan.wav", "text": "ab"}"#])
        let told = Told()
        try train(recipe, told: told)
        #expect(told.epochs.first?.unread == 1)
        #expect(told.skipped.count == 1 && told.skipped[0].contains("mixed.jsonl:13"))
    }

    @Test("a dev set that shares recordings or speakers with train is told")
    func resemblance() throws {
        var recipe = corpus.recipe
        recipe.training.epochs = 1
        recipe.data.dev = recipe.data.train
        let told = Told()
        try train(recipe, told: told)
        #expect(told.warnings.first?.hasPrefix("12 of 12 dev recordings are also trained on") == true)
        let dev = try folder.read("dev.jsonl").replacingOccurrences(
            of: #""speaker": "dev1""#, with: #""speaker": "train1""#)
        try folder.write(dev.utf8, to: "dev2.jsonl")
        recipe.data.dev = [folder.path("dev2.jsonl")]
        let other = Told()
        try train(recipe, told: other)
        #expect(
            other.warnings.first?.hasPrefix("the dev set resembles train: 1 of 4 recordings are by 1 speaker ") == true)
    }

    @Test("a loss that runs away, and a plateau of blanks, are told in words")
    func diagnoses() throws {
        var recipe = corpus.recipe
        recipe.training.epochs = 6
        recipe.training.learningRate = 5
        recipe.training.clip = 0
        recipe.training.rule = .sgd
        recipe.training.schedule = .constant
        let wild = Told()
        try train(recipe, told: wild)
        #expect(wild.warnings.contains { $0.hasPrefix("training diverges") || $0.contains("were skipped") })
        recipe.training.learningRate = 0
        recipe.data.keepsEmptyTexts = true
        let rows = (0..<12).map { #"{"audio_filepath": "train\#($0).wav", "text": ""}"# }
        recipe.data.characters = "abcd"
        recipe.data.train = [try folder.lines(rows, to: "empty.jsonl")]
        recipe.training.learningRate = 0.5
        recipe.training.epochs = 12
        let blank = Told()
        try train(recipe, told: blank)
        let plateaus = blank.warnings.filter { $0.contains("epochs the network still says blank at 100.0 %") }
        #expect(plateaus.count == 1)
    }

    @Test("a gradient that is no number is skipped, and the log says so: it does not end the run")
    func notFinite() throws {
        var recipe = corpus.recipe
        recipe.training.epochs = 1
        recipe.training.logEvery = 1
        let run = TrainingFolder(path: folder.path("spoilt"))
        let told = Told()
        _ = try Trainer(recipe, folder: run, threads: 2, exchange: Spoiler(), report: told.tell).run()
        #expect(
            told.warnings.contains { $0.hasPrefix("1 of 3 steps of epoch 1 were skipped, their gradient being no") })
        let steps = try folder.read("spoilt/log.jsonl").split(separator: "\n").filter {
            $0.contains(#""event":"step""#)
        }
        #expect(steps.map { $0.contains(#""skipped":true"#) } == [false, true, false])
        let spoilt = try #require(steps.dropFirst().first)
        // What has no number is null or left out, and the others keep their own names.
        #expect(spoilt.contains(#""layer 0":null"#) && spoilt.firstMatch(of: /"head":[0-9]/) != nil)
        #expect(!spoilt.contains(#""gradient_norm":"#) && spoilt.contains(#""clipped":false"#))
    }

    @Test("eight recordings are learned by heart, and nothing but their number is told of a failure")
    func sanity() throws {
        let outcome = try SanityCheck(corpus.recipe, threads: 2).run()
        #expect(outcome.isPassed && outcome.utterances == 8)
        #expect(outcome.pairs.allSatisfy { $0.reference == $0.hypothesis })
        let none = try SanityCheck(corpus.recipe, threads: 2).run(limit: 0)
        #expect(!none.isPassed && none.steps == 10)
    }

    @Test("no manifest, and a manifest of nothing that can be used, are refused")
    func nothing() throws {
        var recipe = corpus.recipe
        recipe.data.train = []
        #expect(message { try train(recipe) } == "data.train: names no manifest; give one in the recipe, or by --train")
        recipe.data.train = [try folder.lines([#"{"audio_filepath": "train0.wav", "text": ""}"#], to: "one.jsonl")]
        recipe.data.maxBad = 1
        #expect(message { try train(recipe) }?.contains("has no text to learn from") == true)
    }
}

/// A worker whose second gradient has a weight of the lowest layer spoilt.
private final class Spoiler: GradientExchange, @unchecked Sendable {  // one thread asks it
    let workers = 1
    let worker = 0
    private var calls = 0

    func sum(_ tensors: inout [[Float]]) {
        calls += 1
        if calls == 2 { tensors[0][0] = .nan }
    }

    func sum(_ numbers: inout [Double]) {}
}
