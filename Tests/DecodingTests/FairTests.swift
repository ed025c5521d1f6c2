import CTC
import Decoding
import Foundation
import LanguageModel
import TestSupport
import Testing

/// The test that the README of the reference folder calls fair: the exact score of the text that the search returns,
/// against the best that three other decoders found.
@Suite(.enabled(if: Folders.reference != nil, Comment(rawValue: Folders.referenceIsMissing)))
struct FairTests {
    private let reference: Reference
    private let utterances: [[String: Any]]

    init() throws {
        reference = try Reference("decode")
        utterances = try Reference.json("decode")["utterances"] as? [[String: Any]] ?? []
        try #require(!utterances.isEmpty)
    }

    private func posteriors(_ index: Int) throws -> LogProbabilities {
        let tensor = try reference.tensor(String(format: "utt%02d.log_probs", index))
        return LogProbabilities(classes: Vocabularies.english.symbols.count, values: tensor.values)
    }

    /// ln P of a text, exactly.
    private func exact(_ text: String, _ posteriors: LogProbabilities) throws -> Double {
        let labels = text.map { Vocabularies.english.symbols.firstIndex(of: String($0)) ?? 0 }
        return -(try CTCLoss().evaluate([posteriors], targets: [labels]).losses.total)
    }

    @Test("without a language model no text is less likely than the best that others found", arguments: [64, 100])
    func unsteered(beam: Int) throws {
        let decoder = Decoder(alphabet: Alphabet(Vocabularies.english), options: BeamOptions(beam: beam))
        for (index, utterance) in utterances.enumerated() {
            let posteriors = try posteriors(index)
            let best = try #require(decoder.decode(posteriors).best)
            let value = try exact(best.text, posteriors)
            let theirs = try #require(utterance["best_text_nolm_ctc_logp"] as? Double)
            #expect(value >= theirs - 0.01, "\(index): \(best.text)")
            // The search's own figure lacks the paths that left the beam, and has those with superfluous spaces.
            #expect(best.acoustic > value - 1, "\(index)")
            if theirs - (utterance["second_text_nolm_ctc_logp"] as? Double ?? -.infinity) > 0.5 {
                #expect(best.text == utterance["best_text_nolm"] as? String)
            }
        }
    }

    @Test("with a language model texts score as the best that others found", arguments: [64, 100])
    func withLanguageModel(beam: Int) throws {
        let path = try #require(Folders.reference?.appendingPathComponent("lm3.arpa").path)
        let model = try NGramModel(arpa: path)
        let alphabet = Alphabet(Vocabularies.english)
        let words = try WordModel(model, name: path, alphabet: alphabet)
        var cases = 0
        var worse: [String] = []
        for (index, utterance) in utterances.enumerated() {
            let posteriors = try posteriors(index)
            for settings in utterance["lm"] as? [[String: Any]] ?? [] {
                let weights = DecodingWeights(
                    languageModelWeight: try #require(settings["alpha"] as? Double),
                    wordBonus: try #require(settings["beta"] as? Double))
                var decoder = Decoder(alphabet: alphabet, options: BeamOptions(beam: beam), weights: weights)
                decoder.textModel = words
                let best = try #require(decoder.decode(posteriors).best)
                let parts = best.text.split(separator: " ").map(String.init)
                let combined = try exact(best.text, posteriors) + words.score(parts, weights)
                let theirs = try #require(settings["best_combined"] as? Double)
                cases += 1
                if combined < theirs - 0.01 {
                    worse.append("\(index): \(best.text), not \(settings["best_text"] ?? "")")
                } else if theirs - (settings["second_combined"] as? Double ?? -.infinity) > 0.5,
                    combined < theirs + 0.01
                {
                    #expect(best.text == settings["best_text"] as? String)
                }
                let other = try #require(settings["pyctcdecode_text_combined"] as? Double)
                #expect(combined >= other - 1)
            }
        }
        #expect(cases == 45)
        // The README asks for nine in ten at a beam of 100.
        #expect(worse.count * 15 <= utterances.count * (beam < 100 ? 4 : 2), "\(worse)")
    }
}
