import AcousticModel
import AudioIO
import CTC
import Features
import Networks

/// What a model's encoder gives for a recording, as a speech detector hears it.
struct DetectorExample: Sendable {
    /// Means over a second of encoder outputs, [hidden]: of stretches of letters in speech, of anything in noise.
    var windows: [[Float]] = []
    /// Means over the stretches of letters that the model spells, [hidden].
    var stretches: [[Float]] = []
}

extension DetectorExample {
    /// Seconds of a recording that are heard; the rest says nothing new.
    private static let longest = 60

    /// Runs a model over a recording.
    /// - Parameter isSpeech: whether speech is heard in it and nothing else.
    /// - Throws: `AudioError`, or `FeatureError`, where it cannot be heard.
    init(of path: String, model: AcousticModel, isSpeech: Bool) throws {
        let (frontEnd, rate) = (model.frontEnd, model.frontEnd.options.sampleRate)
        let samples = try AudioFile.read(path, sampleRate: rate).waveform.samples.prefix(Self.longest * rate)
        let steps = try frontEnd.steps(of: Array(samples))
        guard steps.rows > 0 else { return }
        let hidden = model.encoderOutputs(ofSteps: [steps])[0]
        let scores = model.head.layers.scores(ofHidden: hidden)
        let classes = BestPath(LogProbabilities(classes: scores.columns, values: scores.values)).classes
        let seconds = frontEnd.secondsPerStep
        let ranges = SpeechDetector.stretches(of: classes, vocabulary: model.vocabulary, secondsPerStep: seconds)
            .map { SpeechDetector.surrounded($0, steps: hidden.rows, secondsPerStep: seconds) }
        stretches = ranges.map { Self.mean(of: hidden, $0) }
        let window = max(1, Int((SpeechDetector.secondsHeard / seconds).rounded()))
        // Noise is rare: of it every quarter of a second begins a window.
        let hop = isSpeech ? window : max(1, window / 4)
        for range in isSpeech ? ranges : [0..<hidden.rows] {
            // The last window of a stretch is one if there is half of it.
            for start in stride(
                from: range.lowerBound, to: max(range.lowerBound + 1, range.upperBound - window / 2), by: hop)
            {
                windows.append(Self.mean(of: hidden, start..<min(start + window, range.upperBound)))
            }
        }
    }

    private static func mean(of hidden: Matrix, _ range: Range<Int>) -> [Float] {
        var sum = [Float](repeating: 0, count: hidden.columns)
        hidden.withUnsafeBufferPointer { hidden in
            let columns = sum.count
            for step in range {
                for column in 0..<columns { sum[column] += hidden[step * columns + column] }
            }
        }
        return sum.map { $0 / Float(max(1, range.count)) }
    }
}
