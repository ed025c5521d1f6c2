import CTC
import Decoding
import Evaluation
import Foundation
import LanguageModel
import TestSupport
import Testing

/// The search for the weights of a language model, on posteriors that need one.
@Suite struct TuningTests {
    private let vocabulary = Vocabulary(symbols: ["<blank>", " "] + "abcdefghijklmnopqrstuvwxyz'".map { String($0) })

    /// Posteriors that say a text a letter a step, with one letter less probable than another by so many nats.
    private func posteriors(_ text: String, doubt: (place: Int, other: Character, nats: Float)?) -> LogProbabilities {
        let classes = vocabulary.symbols.count
        func label(_ character: Character) -> Int { vocabulary.symbols.firstIndex(of: String(character)) ?? 0 }
        var values: [Float] = []
        for (place, character) in text.enumerated() {
            for isBlank in [false, true] {
                var logits = [Float](repeating: -9, count: classes)
                logits[isBlank ? 0 : label(character)] = 0
                if let doubt, doubt.place == place, !isBlank { logits[label(doubt.other)] = doubt.nats }
                let sum = log(logits.reduce(0) { $0 + exp($1) })
                values += logits.map { $0 - sum }
            }
        }
        return LogProbabilities(classes: classes, values: values)
    }

    private func decoder(_ folder: TemporaryFolder) throws -> Decoder {
        var options = EstimationOptions()
        options.order = 2
        var report = EstimationReport()
        let text = Folders.package.appendingPathComponent("audio/household.txt").path
        let model = try NGramModel.estimate(from: [text], options: options, report: &report)
        let alphabet = Alphabet(vocabulary)
        var decoder = Decoder(alphabet: alphabet, options: BeamOptions(beam: 16))
        decoder.textModel = try WordModel(model, name: "household", alphabet: alphabet)
        // A start that no grid has, and that loses what the language model knows.
        decoder.weights = DecodingWeights(languageModelWeight: 0.01, wordBonus: 0.5)
        return decoder
    }

    @Test("the weights found read what the first ones did not, and the trials say so", arguments: [1, 3])
    func finds(threads: Int) throws {
        let folder = try TemporaryFolder()
        // Heard as "tuin on the lamp": only the language model knows better.
        let utterances = [
            WeightTuning.Utterance(
                posteriors: posteriors("turn on the lamp", doubt: (2, "i", 1.5)), reference: "turn on the lamp"),
            WeightTuning.Utterance(posteriors: posteriors("stop the timer", doubt: nil), reference: "stop the timer"),
        ]
        let tuning = WeightTuning([utterances], decoder: try decoder(folder), threads: threads)
        var reported: [WeightTuning.Trial] = []
        let trials = try tuning.run { reported.append($0) }
        let (best, first) = (try #require(trials.first), try #require(reported.first))
        #expect(first.weights == DecodingWeights(languageModelWeight: 0.01, wordBonus: 0.5))
        #expect(first.errors.words.errors == 1 && best.errors.words.errors == 0)
        #expect(best.weights.languageModelWeight > 0)
        // Each pair is tried once, all of the grid is, and all are told of.
        #expect(trials.count == reported.count && trials.count >= WeightTuning.gridSize)
        let pairs = Set(trials.map { [$0.weights.languageModelWeight, $0.weights.wordBonus] })
        #expect(pairs.count == trials.count)
        for weight in WeightTuning.gridWeights {
            #expect(WeightTuning.gridBonuses.allSatisfy { pairs.contains([weight, $0]) })
        }
        #expect(trials.allSatisfy { $0.errors.words.errors >= best.errors.words.errors })
        #expect(trials.allSatisfy { $0.errors.words.referenceLength == 7 })
    }

    @Test("where the language model can only harm, its weight becomes nothing")
    func harmless() throws {
        let folder = try TemporaryFolder()
        // "zorb" is none of its words, and clearly said.
        let utterance = WeightTuning.Utterance(
            posteriors: posteriors("turn on the zorb", doubt: (12, "l", -2)), reference: "turn on the zorb")
        let best = try #require(WeightTuning([[utterance]], decoder: try decoder(folder), threads: 1).run().first)
        #expect(best.errors.words.errors == 0 && best.weights.languageModelWeight == 0)
    }

    @Test("sets count alike: a long one in which the language model harms does not outweigh a short one that needs it")
    func sets() throws {
        let folder = try TemporaryFolder()
        let needs = WeightTuning.Utterance(
            posteriors: posteriors("turn on the lamp", doubt: (2, "i", 1.5)), reference: "turn on the lamp")
        // Ten of which one is none of the language model's words, and hardly said.
        let fine = WeightTuning.Utterance(
            posteriors: posteriors("stop the timer", doubt: nil), reference: "stop the timer")
        let harmed = WeightTuning.Utterance(
            posteriors: posteriors("turn on the limp", doubt: (13, "a", -0.1)), reference: "turn on the limp")
        let long = [harmed, harmed] + [WeightTuning.Utterance](repeating: fine, count: 8)
        let apart = try #require(
            WeightTuning([[needs], long], decoder: try decoder(folder), threads: 2).run().first)
        let together = try #require(
            WeightTuning([[needs] + long], decoder: try decoder(folder), threads: 2).run().first)
        #expect(apart.sets.count == 2 && together.sets.count == 1)
        #expect(apart.sets[0].words.errors == 0 && apart.sets[1].words.errors == 2)
        #expect(apart.errors.words.errors == 2)
        #expect(abs(apart.meanWordErrorRate - (0 + 2.0 / 32) / 2) < 1e-9)
        // Together, the two harmed ones are worth more than the one that is helped.
        #expect(together.errors.words.errors == 1)
    }
}
