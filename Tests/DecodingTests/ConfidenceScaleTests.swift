import Decoding
import Foundation
import TestSupport
import Testing

/// What a confidence by the acoustic model is worth in a text that a language model has chosen.
@Suite struct ConfidenceScaleTests {
    @Test(
        "the probability is the logistic function of the scaled logit, keeps the order of words and stays within 0 and 1"
    )
    func probability() {
        let scale = ConfidenceScale(slope: 0.5, offset: 1)
        #expect(abs(scale.probability(0.5) - 1 / (1 + exp(-1))) < 1e-12)
        #expect(abs(scale.probability(0.9) - 1 / (1 + exp(-1 - 0.5 * log(9.0)))) < 1e-12)
        #expect(abs(ConfidenceScale(slope: 1, offset: 0).probability(0.3) - 0.3) < 1e-12)
        let rising = [0, 1e-9, 0.001, 0.2, 0.8, 0.999, 1].map(scale.probability)
        #expect(zip(rising, rising.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(rising.allSatisfy { $0 > 0 && $0 < 1 })
    }

    @Test("the weights beside a language model keep it; without it nothing is said, beyond reason it is refused")
    func stored() throws {
        let folder = try TemporaryFolder()
        func weights(_ json: String) throws -> DecodingWeights? {
            let lm = folder.path("\(UUID()).lm")
            try Data(json.utf8).write(to: URL(fileURLWithPath: DecodingWeights.path(beside: lm)))
            return try DecodingWeights.stored(beside: lm)
        }
        var written = DecodingWeights(languageModelWeight: 0.75, wordBonus: 1)
        #expect(try weights(#"{"lm_weight": 0.75, "word_bonus": 1}"#) == written)
        written.confidence = ConfidenceScale(slope: 0.5, offset: -2)
        let json = String(decoding: try JSONEncoder().encode(written), as: UTF8.self)
        #expect(try weights(json) == written)
        for scale in [#"{"slope": -1, "offset": 0}"#, #"{"slope": 1, "offset": 1e9}"#, #"{"slope": 1}"#, "3"] {
            #expect(throws: DecodingError.self) { try weights("{\"lm_weight\": 1, \"confidence\": \(scale)}") }
        }
    }
}
