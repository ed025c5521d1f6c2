import AcousticModel
import AudioIO
import Corpora
import Features
import Networks

/// From a recording to the steps that the network reads, varied anew in each epoch where that is asked for.
///
/// A function of the recipe, the recording and the epoch: whichever thread asks, and however often, gets the same.
package struct FeatureSource: Sendable {
    let frontEnd: FrontEnd
    /// Nil where recordings are taken as they are.
    let augmenter: Augmenter?
    let cache: RecordingCache?
    let seed: UInt64

    package init(frontEnd: FrontEnd, augmenter: Augmenter?, cache: RecordingCache?, seed: UInt64) {
        (self.frontEnd, self.augmenter, self.cache, self.seed) = (frontEnd, augmenter, cache, seed)
    }

    /// The steps of a recording, [steps, ``FrontEnd/stepDimension``].
    /// - Parameters:
    ///   - index: the number of the recording in its set.
    ///   - epoch: counted from 0; not looked at where recordings are taken as they are.
    /// - Throws: `AudioError` where the recording cannot be read.
    package func steps(of utterance: LabelledUtterance, index: Int, epoch: Int) throws -> Matrix {
        guard let augmenter else { return frontEnd.steps(ofFrames: try plain(utterance, speed: 1)) }
        let seed = Streams.seed(seed, .augmentation, epoch, index)
        let speed = speed(of: utterance, augmenter.speed(seed: seed))
        let frames =
            augmenter.changesMoreThanSpeed
            ? try frontEnd.frames(of: augmenter.augment(try read(utterance, keeps: true), speed: speed, seed: seed))
            : try plain(utterance, speed: speed)
        let energyFirst = frontEnd.options.usesEnergy
        return frontEnd.steps(ofFrames: frames) { frames, hidden in
            augmenter.mask(frames, energyFirst: energyFirst, behind: hidden, seed: seed)
        }
    }

    /// The speed that was drawn, or the recording's own where its text would no longer fit.
    private func speed(of utterance: LabelledUtterance, _ drawn: Double) -> Double {
        let needed = max(1, utterance.shortest)
        return StepGeometry(frontEnd).steps(seconds: utterance.seconds, speed: drawn) >= needed ? drawn : min(1, drawn)
    }

    /// Log-mel frames at a speed and otherwise as they are, from the cache if there is one.
    private func plain(_ utterance: LabelledUtterance, speed: Double) throws -> FeatureMatrix {
        func compute() throws -> FeatureMatrix {
            let samples = try read(utterance)
            return try frontEnd.frames(of: augmenter?.played(samples, atSpeed: speed) ?? samples)
        }
        guard let cache else { return try compute() }
        return try cache.features(
            of: utterance.path, speed: speed, dimension: frontEnd.frameDimension, compute: compute)
    }

    /// The samples of a recording.
    /// - Parameter keeps: whether the cache, if there is one, keeps them.
    private func read(_ utterance: LabelledUtterance, keeps: Bool = false) throws -> [Float] {
        func decode() throws -> [Float] {
            try AudioFile.read(utterance.path, sampleRate: frontEnd.options.sampleRate).waveform.samples
        }
        let cache = keeps ? cache : nil
        return try cache?.samples(of: utterance.path, compute: decode) ?? decode()
    }
}
