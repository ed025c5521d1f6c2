import AcousticModel
import AudioIO
import Features
import Networks

/// From a recording to the steps that the network reads, varied anew in each epoch where that is asked for.
///
/// A function of the recipe, the recording and the epoch: whichever thread asks, and however often, gets the same.
struct FeatureSource: Sendable {
    let frontEnd: FrontEnd
    /// Nil where recordings are taken as they are.
    let augmenter: Augmenter?
    let cache: RecordingCache?
    let seed: UInt64
    private let cepstra: CepstralTransform
    private let logMel: FeatureOptions

    /// - Throws: `FeatureError` where the front end's options contradict each other.
    init(frontEnd: FrontEnd, augmenter: Augmenter?, cache: RecordingCache?, seed: UInt64) throws(FeatureError) {
        (self.frontEnd, self.augmenter, self.cache, self.seed) = (frontEnd, augmenter, cache, seed)
        cepstra = try CepstralTransform(frontEnd.options)
        logMel = frontEnd.options.logMel
    }

    /// The steps of a recording, [steps, ``FrontEnd/stepDimension``].
    /// - Parameters:
    ///   - index: the number of the recording in its set.
    ///   - epoch: counted from 0; not looked at where recordings are taken as they are.
    /// - Throws: `AudioError` where the recording cannot be read.
    func steps(of utterance: LabelledUtterance, index: Int, epoch: Int) throws -> Matrix {
        frontEnd.steps(of: try features(of: utterance, index: index, epoch: epoch))
    }

    /// The features of a recording before they are normalised and stacked, [frames, coefficients].
    func features(of utterance: LabelledUtterance, index: Int, epoch: Int) throws -> FeatureMatrix {
        let seed = Streams.seed(seed, .augmentation, epoch, index)
        guard let augmenter else { return cepstra(try plain(utterance, speed: 1)) }
        let speed = speed(of: utterance, augmenter.speed(seed: seed))
        let features =
            augmenter.changesMoreThanSpeed
            ? try FeatureExtractor.features(
                of: augmenter.augment(try read(utterance, keeps: true), speed: speed, seed: seed), options: logMel)
            : try plain(utterance, speed: speed)
        return cepstra(augmenter.mask(features, energyFirst: logMel.usesEnergy, seed: seed))
    }

    /// The speed that was drawn, or the recording's own where its text would no longer fit.
    private func speed(of utterance: LabelledUtterance, _ drawn: Double) -> Double {
        let needed = max(1, utterance.shortest)
        return StepGeometry(frontEnd).steps(seconds: utterance.seconds, speed: drawn) >= needed ? drawn : min(1, drawn)
    }

    /// Log-mel features at a speed and otherwise as they are, from the cache if there is one.
    private func plain(_ utterance: LabelledUtterance, speed: Double) throws -> FeatureMatrix {
        func compute() throws -> FeatureMatrix {
            let samples = try read(utterance)
            return try FeatureExtractor.features(
                of: augmenter?.played(samples, atSpeed: speed) ?? samples, options: logMel)
        }
        guard let cache else { return try compute() }
        return try cache.features(
            of: utterance.path, speed: speed, dimension: logMel.dimension, compute: compute)
    }

    /// The samples of a recording, padded.
    /// - Parameter keeps: whether the cache, if there is one, keeps them.
    private func read(_ utterance: LabelledUtterance, keeps: Bool = false) throws -> [Float] {
        func decode() throws -> [Float] {
            try AudioFile.read(utterance.path, sampleRate: frontEnd.options.sampleRate).waveform.samples
        }
        let cache = keeps ? cache : nil
        let samples = try cache?.samples(of: utterance.path, compute: decode) ?? decode()
        let padding = frontEnd.silence
        return padding.isEmpty ? samples : padding + samples + padding
    }
}
