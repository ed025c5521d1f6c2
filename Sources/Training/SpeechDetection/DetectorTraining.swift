import AcousticModel
import Corpora
import Foundation
import Networks

/// Teaches a model to know sounds that are no speech: a ``SpeechDetector`` on its encoder, which stays as it is.
///
/// Logistic regression on means of encoder outputs over a second, those of speech against those of noise, both sides
/// weighing the same, with a ridge; then the threshold is laid so that nearly all stretches of speech are above it. Every
/// fifth recording of either side is kept apart and only measured.
public struct DetectorTraining: Sendable {
    /// What the detector does to recordings that it has not learned from.
    public struct Report: Sendable, Equatable, Encodable {
        /// Recordings of noise that were measured.
        public internal(set) var noise = 0
        /// Those in which the model alone spells something.
        public internal(set) var spelled = 0
        /// Those in which something is left with the detector.
        public internal(set) var left = 0
        /// Stretches of letters in the recordings of speech that were measured.
        public internal(set) var stretches = 0
        /// Those that the detector takes for no speech.
        public internal(set) var lost = 0
    }

    /// The weight of the squared weights, of standardised outputs, next to the mean loss.
    private static let ridge: Float = 1e-3
    private static let learningRate = 0.01
    private static let iterations = 600
    /// The share of the stretches of speech that the threshold gives up.
    private static let lostShare = 0.01
    /// One in so many recordings is only measured.
    private static let heldOut = 5

    private let model: AcousticModel
    private let threads: Int

    /// - Parameter threads: at most so many recordings are heard at once.
    public init(_ model: AcousticModel, threads: Int) { (self.model, self.threads) = (model, threads) }

    /// Learns from recordings of speech and of noise, of a minute each at most.
    /// - Parameters:
    ///   - speech: recordings of speech; their texts are not looked at.
    ///   - noise: recordings of anything else; five at least on either side.
    ///   - progress: is called after each recording.
    /// - Returns: the detector, what it does to the recordings kept apart, and a line for each recording that could not
    ///   be heard.
    /// - Throws: ``DataError`` where there is too little to learn from.
    public func run(
        speech: [ManifestRow], noise: [ManifestRow], progress: @Sendable (RowProgress) -> Void = RowProgress.ignore
    ) throws(DataError) -> (detector: SpeechDetector, report: Report, problems: [BadLine]) {
        let rows = speech + noise
        let results = mapInParallel(rows.count, threads: threads, progress: progress) { index in
            Result { try DetectorExample(of: rows[index].audioPath, model: model, isSpeech: index < speech.count) }
        }
        var problems: [BadLine] = []
        var heard: [(example: DetectorExample, isSpeech: Bool)] = []
        for (index, result) in results.enumerated() {
            switch result {
            case .success(let example): heard.append((example, index < speech.count))
            case .failure(let error):
                problems.append(BadLine(rows[index].manifest, rows[index].line, "\(error)"))
            }
        }
        let sides = [true, false].map { side in heard.filter { $0.isSpeech == side }.map(\.example) }
        for (side, name) in zip(sides, [speech.first?.manifest, noise.first?.manifest]) where side.count < Self.heldOut
        {
            throw DataError(
                name ?? "the manifest", "has \(side.count) recordings that can be heard",
                mend: "give \(Self.heldOut) of speech and of noise at least, better a hundred")
        }
        func part(_ side: [DetectorExample], isHeldOut: Bool) -> [DetectorExample] {
            side.enumerated().filter { ($0.offset % Self.heldOut == Self.heldOut - 1) == isHeldOut }.map(\.element)
        }
        let learned = sides.map { part($0, isHeldOut: false) }
        guard learned[0].contains(where: { !$0.stretches.isEmpty }) else {
            throw DataError(
                speech.first?.manifest ?? "the manifest", "holds no recording in which the model spells anything",
                mend: "give recordings of speech in the model's language")
        }
        let detector = fit(speech: learned[0], noise: learned[1])
        var report = Report()
        for example in part(sides[1], isHeldOut: true) {
            report.noise += 1
            report.spelled += example.stretches.isEmpty ? 0 : 1
            report.left += example.stretches.contains { detector.evidence(of: $0) >= 0 } ? 1 : 0
        }
        for stretch in part(sides[0], isHeldOut: true).flatMap(\.stretches) {
            report.stretches += 1
            report.lost += detector.evidence(of: stretch) < 0 ? 1 : 0
        }
        return (detector, report, problems)
    }

    private func fit(speech: [DetectorExample], noise: [DetectorExample]) -> SpeechDetector {
        let (positive, negative) = (speech.flatMap(\.windows), noise.flatMap(\.windows))
        let inputs = model.encoder.outputs
        // Standardised, so that one ridge is right for every unit.
        let count = Float(positive.count + negative.count)
        var (mean, square) = ([Float](repeating: 0, count: inputs), [Float](repeating: 0, count: inputs))
        for window in positive + negative {
            for (unit, value) in window.enumerated() {
                mean[unit] += value / count
                square[unit] += value * value / count
            }
        }
        let scale = zip(mean, square).map { 1 / (max(0, $1 - $0 * $0).squareRoot() + 1e-3) }
        let x = Matrix(
            rows: positive.count + negative.count, columns: inputs,
            values: (positive + negative).flatMap { window in
                window.indices.map { (window[$0] - mean[$0]) * scale[$0] }
            })
        var layer = Linear(
            weight: Matrix(rows: 1, columns: inputs, values: [Float](repeating: 0, count: inputs)), bias: [0])
        var optimiser = Adam(for: layer.parameters, learningRate: Self.learningRate)
        for _ in 0..<Self.iterations {
            let scores = layer.forward(x).values
            let slopes = scores.enumerated().map { row, score -> Float in
                let isSpeech = row < positive.count
                let probability = 1 / (1 + exp(-score))
                return (probability - (isSpeech ? 1 : 0)) / Float(isSpeech ? positive.count : negative.count)
            }
            var gradient = layer.zeroGradient()
            _ = layer.backward(Matrix(rows: x.rows, columns: 1, values: slopes), input: x, gradient: &gradient)
            var tensors = gradient.tensors
            for unit in 0..<inputs { tensors[0][unit] += 2 * Self.ridge * layer.weight.values[unit] }
            var parameters = layer.parameters
            optimiser.step(&parameters, gradients: tensors)
            layer.parameters = parameters
        }
        let weight = zip(layer.weight.values, scale).map { $0 * $1 }
        let detector = SpeechDetector(
            weight: weight, bias: layer.bias[0] - zip(weight, mean).reduce(0) { $0 + $1.0 * $1.1 })
        let evidence = speech.flatMap(\.stretches).map(detector.evidence).sorted()
        let threshold = evidence[Int(Double(evidence.count - 1) * Self.lostShare)]
        return SpeechDetector(weight: weight, bias: detector.layer.bias[0] - threshold)
    }
}

extension SpeechDetector {
    /// The evidence for a mean of encoder outputs.
    fileprivate func evidence(of mean: [Float]) -> Float {
        zip(layer.weight.values, mean).reduce(layer.bias[0]) { $0 + $1.0 * $1.1 }
    }
}
