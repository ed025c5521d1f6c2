import Decoding

extension Recognizer.Configuration {
    /// A value that no search can be run with.
    package struct OutOfBounds {
        /// Which it is.
        package let key: PartialKeyPath<Recognizer.Configuration>
        /// Its name in JSON.
        let name: String
        /// What it is; nil where it is no number.
        package let value: String?
        /// What to give.
        package let remedy: String
    }

    /// Refuses what no search can be run with.
    /// - Throws: ``RecognizerError`` that names the first value that is out of its bounds.
    package func check() throws(RecognizerError) {
        guard let bad = outOfBounds else { return }
        throw RecognizerError(nil, "\(bad.name) is \(bad.value ?? "no finite number")", bad.remedy)
    }

    /// The first value that is out of its bounds; nil where all are within.
    package var outOfBounds: OutOfBounds? {
        let widest = beam ?? BeamOptions().beam
        guard (1...BeamOptions.widest).contains(widest) else {
            return OutOfBounds(
                key: \.beam, name: "beam", value: "\(widest)", remedy: "give 1 to \(BeamOptions.widest)")
        }
        guard (1...widest).contains(alternatives) else {
            return OutOfBounds(
                key: \.alternatives, name: "alternatives", value: "\(alternatives)",
                remedy: "give 1 to the width of the beam, \(widest)")
        }
        let weights: [(PartialKeyPath<Self>, String, Double?, ClosedRange<Double>)] = [
            (\.languageModelWeight, "languageModelWeight", languageModelWeight, DecodingWeights.lawfulWeights),
            (\.wordBonus, "wordBonus", wordBonus, DecodingWeights.lawfulBonuses),
        ]
        for case (let key, let name, let value?, let lawful) in weights where !lawful.contains(value) {
            return OutOfBounds(
                key: key, name: name, value: "\(value)",
                remedy: "give \(Int(lawful.lowerBound)) to \(Int(lawful.upperBound))")
        }
        guard grammarThreshold.isFinite else {
            return OutOfBounds(key: \.grammarThreshold, name: "grammarThreshold", value: nil, remedy: "give a number")
        }
        if let channel, channel < 1 {
            return OutOfBounds(
                key: \.channel, name: "channel", value: "\(channel)", remedy: "channels are counted from 1")
        }
        if let threads, threads < 1 {
            return OutOfBounds(key: \.threads, name: "threads", value: "\(threads)", remedy: "give at least 1")
        }
        return nil
    }
}
