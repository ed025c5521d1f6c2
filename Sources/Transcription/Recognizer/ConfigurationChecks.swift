import AudioIO
import Decoding

extension Recognizer.Configuration {
    /// Refuses what no search can be run with.
    /// - Throws: ``RecognizerError`` that names the first value that is out of its bounds.
    package func check() throws(RecognizerError) {
        func refuse(_ key: String, _ value: Any, _ remedy: String) -> RecognizerError {
            RecognizerError(nil, "\(key) is \(value)", remedy)
        }
        let widest = beam ?? BeamOptions().beam
        guard (1...BeamOptions.widest).contains(widest) else {
            throw refuse("beam", widest, "give 1 to \(BeamOptions.widest)")
        }
        guard (1...widest).contains(alternatives) else {
            throw refuse("alternatives", alternatives, "give 1 to the width of the beam, \(widest)")
        }
        for (key, value, lawful) in [
            ("languageModelWeight", languageModelWeight, DecodingWeights.lawfulWeights),
            ("wordBonus", wordBonus, DecodingWeights.lawfulBonuses),
        ] {
            guard let value, !lawful.contains(value) else { continue }
            throw refuse(key, value, "give \(Int(lawful.lowerBound)) to \(Int(lawful.upperBound))")
        }
        guard grammarThreshold.isFinite else { throw refuse("grammarThreshold", grammarThreshold, "give a number") }
        if let channel, channel < 1 { throw refuse("channel", channel, "channels are counted from 1") }
        if let threads, threads < 1 { throw refuse("threads", threads, "give at least 1") }
    }
}
