import AudioIO
import Features
import Foundation
import Networks
import VectorKernels

/// Changes recordings before they are learned from: what comes out depends on the options, the recording and a seed,
/// and on nothing else. One instance serves all threads.
///
/// ```swift
/// let augmenter = try Augmenter(options, sampleRate: 16_000)
/// let samples = try augmenter.augment(recording.samples, seed: seed)
/// let steps = frontEnd.steps(ofFrames: try frontEnd.frames(of: samples)) { frames, hidden in
///     augmenter.mask(frames, behind: hidden, seed: seed)
/// }
/// ```
///
/// Each part draws its own numbers from the seed: switching one on or off leaves what the others draw as it was.
public struct Augmenter: Sendable {
    /// What is done.
    public let options: AugmentationOptions
    /// Samples in a second of the recordings.
    public let sampleRate: Int

    private let noise: NoiseCollection?
    private let telephone = TelephoneChannel()

    /// The parts that draw, numbered for good: a run that is resumed needs the same numbers.
    private enum Part: UInt64 {
        case speed = 1
        case room, response, noise, gain, telephone, masks
    }

    /// Checks the options and reads the folder of noise, if there is one: a damaged recording shows now, not hours later.
    /// - Parameters:
    ///   - sampleRate: samples in a second of the recordings, hertz.
    ///   - threads: at most this many noise recordings are read at once.
    ///   - noiseMemory: at most this many bytes of noise are kept in memory, the rest read again when it is drawn. What is
    ///     drawn does not depend on it.
    /// - Throws: ``AugmentationError`` where an option is out of its range or there is no noise; `AudioError` where a
    ///   recording of noise is damaged (a sample that is no number, say) or may not be read, or for the sample rate.
    public init(
        _ options: AugmentationOptions, sampleRate: Int, threads: Int = Parallel.cores, noiseMemory: Int = 256 << 20
    ) throws {
        try options.validate()
        guard AudioFile.sampleRates.contains(sampleRate) else {
            throw AudioError.requestedSampleRateOutOfRange(sampleRate: sampleRate)
        }
        self.options = options
        self.sampleRate = sampleRate
        noise =
            options.noise.probability > 0
            ? try NoiseCollection(
                folder: options.noise.folder, sampleRate: sampleRate, threads: threads, memory: noiseMemory) : nil
    }

    /// The recordings of noise that were found.
    public var noiseRecordings: Int { noise?.count ?? 0 }

    /// The files in the folder of noise that are no sound or hold nothing but digital silence.
    public var skippedNoiseFiles: Int { noise?.skippedFiles ?? 0 }

    /// What to tell of the folder of noise where files in it are not used; nil where all are.
    package var noteOfNoise: String? {
        guard skippedNoiseFiles > 0 else { return nil }
        return
            "augmentation.noise_folder: \(noiseRecordings) recordings of noise; \(skippedNoiseFiles) other files hold no sound"
            + " and are not used"
    }

    /// Whether ``augment(_:seed:)`` does more than change the speed. Where it does not, its result depends on
    /// ``speed(seed:)`` alone, and features of it may be kept for each speed.
    public var changesMoreThanSpeed: Bool {
        [
            options.room.probability, options.noise.probability, options.gain.probability,
            options.telephone.probability,
        ].contains { $0 > 0 }
    }

    /// The speed that ``augment(_:seed:)`` will draw: above 1 is shorter and higher.
    public func speed(seed: UInt64) -> Double {
        var numbers = SplitMix64.stream(Part.speed.rawValue, of: seed)
        return options.speeds[numbers.below(options.speeds.count)]
    }

    /// The samples of a recording of so many once it is played at a speed.
    public func sampleCount(_ samples: Int, atSpeed speed: Double) -> Int {
        let rates = SpeedRates(speed: speed, sampleRate: sampleRate)
        return Int((Double(samples) * Double(rates.output) / Double(rates.input)).rounded())
    }

    /// The recording, changed: speed, then the room it is spoken in, noise around, the level, and the telephone.
    ///
    /// - Parameter samples: full scale -1 ... 1, finite. The result may go beyond full scale: nothing is clipped.
    /// - Returns: as many samples, or ``sampleCount(_:atSpeed:)`` at the speed drawn. Nothing is shifted in time.
    /// - Throws: `AudioError` where a recording of noise is gone, `AudioError` or `FeatureError` where memory does not
    ///   suffice.
    public func augment(_ samples: [Float], seed: UInt64) throws -> [Float] {
        try augment(samples, speed: speed(seed: seed), seed: seed)
    }

    /// The same at a speed of the caller's, as where the one that was drawn leaves too little time for the text.
    public func augment(_ samples: [Float], speed: Double, seed: UInt64) throws -> [Float] {
        var result = try played(samples, atSpeed: speed)
        guard !result.isEmpty else { return result }
        result = try spoken(result, in: options.room, seed: seed)
        result = try mixed(result, options.noise, seed: seed)
        result = turned(result, options.gain, seed: seed)
        var numbers = SplitMix64.stream(Part.telephone.rawValue, of: seed)
        if numbers.happens(with: options.telephone.probability) {
            result = try telephone.transmit(result, sampleRate: sampleRate)
        }
        return result
    }

    /// Log-mel features with bands and stretches of time hidden behind one value for each band.
    ///
    /// - Parameters:
    ///   - logMel: [frames, bands], or [frames, 1 + bands].
    ///   - energyFirst: the first column is the energy of the frame (``FeatureOptions/usesEnergy``); it is hidden where
    ///     whole frames are.
    ///   - values: of a hidden cell, one for each column; the mean of the column over the utterance unless given.
    public func mask(
        _ logMel: FeatureMatrix, energyFirst: Bool = false, behind values: [Float]? = nil, seed: UInt64
    ) -> FeatureMatrix {
        let spectrogram = options.spectrogram
        guard spectrogram.frequencyMasks + spectrogram.timeMasks > 0 else { return logMel }
        var numbers = SplitMix64.stream(Part.masks.rawValue, of: seed)
        let firstBand = energyFirst ? 1 : 0
        let masks = spectrogram.masks(
            bands: logMel.dimension - firstBand, frames: logMel.frames, numbers: &numbers)
        return logMel.masked(masks, firstBand: firstBand, behind: values ?? MeanVariance(logMel).mean)
    }

    /// The recording at a speed, pitch and all.
    func played(_ samples: [Float], atSpeed speed: Double) throws(AudioError) -> [Float] {
        let rates = SpeedRates(speed: speed, sampleRate: sampleRate)
        let recording = Waveform(samples: samples, sampleRate: rates.input)
        return try Resampler.resample(recording, to: rates.output).samples
    }

    private func spoken(_ samples: [Float], in room: RoomSimulation, seed: UInt64) throws(FeatureError) -> [Float] {
        var numbers = SplitMix64.stream(Part.room.rawValue, of: seed)
        guard numbers.happens(with: room.probability) else { return samples }
        let response = RoomResponse(room, numbers: &numbers)
        var noise = SplitMix64.stream(Part.response.rawValue, of: seed)
        let result = try Convolution.filter(
            samples, by: response.samples(sampleRate: sampleRate, numbers: &noise))
        // As loud as before: how loud a far voice is, is the gain's to say.
        let power = meanPower(result)
        return power > 0 ? result.scaled(by: (meanPower(samples) / power).squareRoot()) : result
    }

    private func mixed(_ samples: [Float], _ mixing: NoiseMixing, seed: UInt64) throws(AudioError) -> [Float] {
        var numbers = SplitMix64.stream(Part.noise.rawValue, of: seed)
        guard let noise, numbers.happens(with: mixing.probability) else { return samples }
        let ratio = pow(10, numbers.uniform(in: mixing.snr) / 10)
        let stretch = try noise.stretch(of: samples.count, numbers: &numbers)
        let (speechPower, noisePower) = (meanPower(samples), meanPower(stretch))
        // A stretch of digital silence has no level that could be raised.
        guard noisePower > 0 else { return samples }
        let factor = Float((speechPower / noisePower / ratio).squareRoot())
        return zip(samples, stretch).map { $0 + factor * $1 }
    }

    private func turned(_ samples: [Float], _ gain: GainChange, seed: UInt64) -> [Float] {
        var numbers = SplitMix64.stream(Part.gain.rawValue, of: seed)
        guard numbers.happens(with: gain.probability) else { return samples }
        return samples.scaled(by: pow(10, numbers.uniform(in: gain.decibels) / 20))
    }
}

/// The two sample rates whose ratio is a speed: a recording taken to have `input` is resampled to `output`, and played at
/// its own rate again.
private struct SpeedRates {
    let input: Int
    let output: Int

    init(speed: Double, sampleRate: Int) {
        // Rates outside what a resampler takes are doubled or halved, both: only their ratio matters.
        let scale = sampleRate < 8_000 ? 2.0 : sampleRate > 96_000 ? 0.5 : 1
        output = Int(Double(sampleRate) * scale)
        input = Int((Double(output) * speed).rounded())
    }
}

/// The mean of the squares.
private func meanPower(_ samples: [Float]) -> Double {
    samples.reduce(0) { $0 + Double($1) * Double($1) } / Double(max(1, samples.count))
}

extension [Float] {
    fileprivate func scaled(by factor: Double) -> [Float] {
        let factor = Float(factor)
        return map { $0 * factor }
    }
}
