import AcousticModel
import CTC
import Corpora
import Evaluation
import Foundation
import Networks
import Pronunciation
import TestSupport
import Testing
import Training

@Suite struct PhoneTrainingTests {
    private let folder: TemporaryFolder
    private let corpus: PhoneCorpus

    init() throws {
        folder = try TemporaryFolder()
        corpus = try PhoneCorpus(in: folder)
    }

    @discardableResult
    private func train(
        _ recipe: TrainingRecipe, _ place: String, resumes: Bool = false, stopAfter steps: Int = .max,
        told: Told = Told()
    ) throws -> TrainingFolder {
        let run = TrainingFolder(path: folder.path("\(place)/run"))
        _ = try Trainer(
            recipe, folder: run, resumes: resumes, threads: 2, isInterrupted: { told.steps >= steps }, report: told.tell
        ).run()
        return run
    }

    private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

    @Test("phones and characters are learned side by side, and the pronunciation that is said is found")
    func learns() throws {
        let told = Told()
        var recipe = corpus.recipe
        recipe.training.epochs = 48
        recipe.training.realign = 12
        recipe.training.characterWeight = 1
        let run = try train(recipe, "both", told: told)
        let model = try AcousticModel(path: run.last)
        #expect(model.head.kind == .phones && model.vocabulary.symbols.count == 41)
        #expect(model.vocabulary.symbols.prefix(4) == ["<blank>", " ", "AA", "AE"])
        #expect(model.characterVocabulary?.symbols.prefix(3) == ["<blank>", " ", "a"])
        let last = try #require(told.epochs.last)
        // Sixteen recordings teach the phones; letters that are no sounds take more.
        #expect(last.per == 0 && last.cer < 0.2, "\(last)")
        #expect((told.epochs.first?.characterLoss ?? 0) > 2 * (last.characterLoss ?? .infinity))
        let chosen = told.events.compactMap { event -> String? in
            if case .note(let text) = event, text.hasPrefix("pronunciations chosen anew") { text } else { nil }
        }
        #expect(chosen.count == 3 && chosen.last?.contains(": 0 words of") == true, "\(chosen)")
        // The text is that of the characters, as the last epoch had it.
        let heard = Hypotheses(transcribing: try Manifest(path: corpus.dev).rows, model: model, threads: 2)
        var errors = ErrorRate()
        for pair in heard.pairs { errors += ErrorRate(reference: pair.row.entry.text, hypothesis: pair.hypothesis) }
        #expect(errors.characters.rate == last.cer)
    }

    @Test("a run of two heads that is stopped and resumed ends with the same weights, choices and averages too")
    func resumes() throws {
        var recipe = corpus.recipe
        recipe.network.dropout = 0.2
        recipe.training.realign = 1
        recipe.training.average = .epochs
        recipe.data.weights = [1.5]
        let whole = try train(recipe, "whole")
        for steps in [3, 7] {
            #expect(throws: TrainingInterrupted.self) { try train(recipe, "stopped\(steps)", stopAfter: steps) }
            let resumed = try train(
                RecipeFile.read(folder.path("stopped\(steps)/run/recipe.yaml")), "stopped\(steps)", resumes: true)
            #expect(try bytes(resumed.last) == bytes(whole.last) && bytes(resumed.best) == bytes(whole.best))
        }
        // Another lexicon teaches other phones.
        try folder.write(PhoneCorpus.lexicon.replacing("dc D CH", with: "dc D D").utf8, to: "words.txt")
        #expect(
            message { try train(recipe, "whole", resumes: true) }?.contains("other recordings or another recipe")
                == true)
    }

    @Test("phones alone are learned and spelled, also where a run begins with a model of characters")
    func phonesAlone() throws {
        var recipe = corpus.recipe
        recipe.network.heads = .phones
        let told = Told()
        let phones = try train(recipe, "phones", told: told)
        let model = try AcousticModel(path: phones.last)
        #expect(model.head.characters == nil && told.epochs.allSatisfy { $0.per == $0.cer && $0.characterLoss == nil })

        recipe.network.heads = .characters
        let characters = try AcousticModel(path: train(recipe, "characters").last)
        recipe.network.from = folder.path("characters/run/last.safetensors")
        recipe.network.heads = .both
        (recipe.training.learningRate, recipe.training.epochs) = (0, 1)
        let begun = try AcousticModel(path: train(recipe, "begun").last)
        #expect(begun.encoder.parameters == characters.encoder.parameters)
        #expect(begun.head.characters?.layer.parameters == characters.head.layers.last.parameters)
        #expect(begun.characterVocabulary == characters.vocabulary && begun.vocabulary == model.vocabulary)

        // From both, both; of a lexicon with another phone, the rows that are the same.
        recipe.network.from = folder.path("begun/run/last.safetensors")
        let again = try AcousticModel(path: train(recipe, "again").last)
        #expect(again.head.layers.last.parameters == begun.head.layers.last.parameters)
        #expect(again.head.characters?.layer.parameters == begun.head.characters?.layer.parameters)
        let alphabet = try PhoneAlphabet(symbols: ["NEW", "AA", "B", "CH", "D"])
        let words: [(String, [UInt8])] = [
            ("ad", [1, 4]), ("cab", [3, 1, 2]), ("ba", [2, 1]), ("dc", [4, 3]), ("or", [3, 2]),
        ]
        recipe.data.lexicon = folder.path("more.lexicon")
        try LexiconWriter.write(
            words.map { LexiconEntry(word: $0, pronunciations: [Pronunciation(phones: $1)]) }, alphabet: alphabet,
            to: recipe.data.lexicon)
        let more = try AcousticModel(path: train(recipe, "more").last)
        #expect(more.vocabulary.symbols == ["<blank>", " ", "NEW", "AA", "B", "CH", "D"])
        let place = try #require(begun.vocabulary.symbols.firstIndex(of: "CH"))
        #expect(Array(more.head.layers.last.weight.row(5)) == Array(begun.head.layers.last.weight.row(place)))
        #expect(more.head.layers.last.bias[0] == begun.head.layers.last.bias[0])
        // And the characters alone.
        recipe.network.heads = .characters
        let alone = try AcousticModel(path: train(recipe, "alone").last)
        #expect(
            alone.head.kind == .characters
                && alone.head.layers.last.parameters == begun.head.characters?.layer.parameters)
    }

    @Test("a row of which a word has no pronunciation is named; no lexicon, or one that is not there, is refused")
    func badInput() throws {
        let rows = try String(contentsOfFile: corpus.train, encoding: .utf8)
        var recipe = corpus.recipe
        recipe.training.epochs = 1
        recipe.data.maxBad = 0.2
        recipe.data.train = [
            try folder.write(
                (rows + #"{"audio_filepath": "train0.wav", "text": "ad c3po"}"# + "\n").utf8, to: "more.jsonl")
        ]
        let told = Told()
        try train(recipe, "named", told: told)
        #expect(
            told.skipped.contains { $0.contains("more.jsonl:17") && $0.contains("guessed for 'c3po'") },
            "\(told.skipped)")
        recipe.data.maxBad = 0
        #expect(message { try train(recipe, "refused") }?.contains("more.jsonl") == true)
        recipe.data.lexicon = ""
        #expect(message { try train(recipe, "without") }?.hasPrefix("data.lexicon: names no lexicon") == true)
        recipe.data.lexicon = folder.path("none.txt")
        #expect(message { try train(recipe, "none") }?.contains("none.txt") == true)
        recipe.data.lexicon = try folder.write("ad AA QQ\n".utf8, to: "bad.txt")
        #expect(message { try train(recipe, "bad") }?.contains("bad.txt") == true)
        recipe.data.lexicon = try folder.write([0, 1, 2], to: "bad.lexicon")
        #expect(message { try train(recipe, "no lexicon") }?.contains("bad.lexicon") == true)
    }

    @Test("both heads learn eight recordings by heart")
    func sanity() throws {
        var recipe = corpus.recipe
        recipe.network.hidden = 32
        let outcome = try SanityCheck(recipe, threads: 2).run(limit: 60)
        #expect(outcome.isPassed, "\(outcome.pairs)")
    }
}

@Suite struct TwoHeadGradientTests {
    private func random(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
        var generator = SeededGenerator(seed: seed)
        return Matrix(rows: rows, columns: columns, values: (0..<rows * columns).map { _ in generator.uniform() })
    }

    @Test("the gradient through both heads is that of finite differences of the weighted sum of both losses")
    func finiteDifferences() throws {
        let layer = RecurrentLayer(
            cell: .gru,
            directions: (0..<2).map { direction in
                RecurrentWeights(
                    input: random(9, 2, seed: 1 + direction), recurrent: random(9, 3, seed: 3 + direction),
                    inputBias: random(1, 9, seed: 5).values, recurrentBias: random(1, 9, seed: 6).values)
            })
        let model = TrainableModel(
            frozen: nil, encoder: RecurrentNetwork(layers: [layer]),
            head: TrainableHead(kind: .phones, last: Linear(weight: random(4, 6, seed: 7), bias: [0, 0.1, 0, 0])),
            characterHead: TrainableHead(
                kind: .characters, last: Linear(weight: random(3, 6, seed: 8), bias: [0, 0, 0.2])),
            dropout: RecurrentDropout(between: 0))
        #expect(model.names.suffix(4) == ["head.weight", "head.bias", "character_head.weight", "character_head.bias"])
        let steps = [random(7, 2, seed: 9), random(5, 2, seed: 10)]
        let targets = TrainableModel.Targets(
            labels: [[1, 3, 2], [2]], weight: 0.5, characters: [[1, 2], [2, 2]], characterWeight: 0.3)
        let loss = TrainingLoss(blank: 0)
        func evaluate(_ model: TrainableModel) throws -> TrainableModel.Result {
            try model.gradient(
                steps: steps, targets: targets, seeds: [1, 2], recordsFlow: false, loss: loss, characterLoss: loss,
                threads: 1)
        }
        func value(_ model: TrainableModel) throws -> Double {
            let result = try evaluate(model)
            return 0.5 * result.loss + 0.3 * result.characterLoss
        }
        let gradients = try evaluate(model).gradients
        try #require(gradients.map(\.count) == model.parameters.map(\.count))
        let step: Float = 1e-2
        for (tensor, values) in model.parameters.enumerated() {
            for index in stride(from: 0, to: values.count, by: tensor < 8 ? 5 : 1) {
                let losses = try [step, -step].map { change in
                    var moved = model
                    moved.parameters[tensor][index] += change
                    return try value(moved)
                }
                let slope = (losses[0] - losses[1]) / Double(2 * step)
                #expect(
                    abs(slope - Double(gradients[tensor][index])) < 2e-3, "\(model.names[tensor]), element \(index)")
            }
        }
    }
}
