import AudioIO
import Features
import Foundation
import Networks
import TestSupport
import Testing

import AcousticModel

/// The front end against plain formulas, and what must not matter to it.
@Suite struct FrontEndTests {
    /// Ten mel bands of 8 kHz, as log-mel energies or cepstra of them.
    private static func options(_ kind: FeatureKind, coefficients: Int = 10, lifter: Double = 0) -> FeatureOptions {
        var options = FeatureOptions()
        (options.kind, options.sampleRate, options.melBands) = (kind, 8000, 10)
        (options.coefficients, options.lifter) = (coefficients, lifter)
        return options
    }

    /// Tones that come and go: loud and soft frames, peaked spectra.
    private static func sound(seconds: Double, seed: UInt64, level: Float = 0.2) -> [Float] {
        var generator = SeededGenerator(seed: seed)
        var samples: [Float] = []
        while Double(samples.count) < seconds * 8000 {
            let (pitch, loudness) = (300 + 1500 * abs(generator.uniform()), level * abs(generator.uniform()))
            samples += (0..<800).map {
                loudness * sin(2 * .pi * pitch * Float($0) / 8000) + 0.001 * level * generator.uniform()
            }
        }
        return Array(samples.prefix(Int(seconds * 8000)))
    }

    private static let normalisations: [FrontEndDescription.Normalisation] = [
        .none, .mean, .soundMean, .soundMeanAndScale,
    ]

    /// Steps by the formulas as they stand in the comments, in double precision, cell by cell.
    private static func plain(_ frontEnd: FrontEnd, _ frames: FeatureMatrix) -> [Float] {
        let bands = frontEnd.options.melBands
        var x = (0..<frames.frames).map { frames[$0].map(Double.init) }
        let levels = x.map { $0.max() ?? 0 }
        let isOfSound = frontEnd.normalisation.isOfSound
        let order = levels.sorted(by: >)
        let loudest = isOfSound ? order[min(10, order.count) - 1] : order[0]
        if let range = frontEnd.range { x = x.map { $0.map { max($0, loudest - range) } } }
        let weights = levels.map { isOfSound ? max(0, min(1, 1 - (loudest - $0) / 12.5)) : 1 }
        var mean = [Double](repeating: 0, count: bands)
        if frontEnd.normalisation != .none {
            for band in 0..<bands {
                mean[band] = zip(x, weights).reduce(0) { $0 + $1.0[band] * $1.1 } / weights.reduce(0, +)
            }
        }
        let rows = x.map { row -> [Double] in
            let centred = zip(row, mean).map { $0 - $1 }
            guard frontEnd.options.kind == .mfcc else { return centred }
            return (0..<frontEnd.options.coefficients).map { k in
                let norm = ((k == 0 ? 1 : 2) / Double(bands)).squareRoot()
                let lifter = frontEnd.options.lifter
                let lift = lifter == 0 ? 1 : 1 + lifter / 2 * sin(.pi * Double(k) / lifter)
                return centred.enumerated().reduce(0) {
                    $0 + norm * lift * $1.1 * cos(.pi / Double(bands) * (Double($1.0) + 0.5) * Double(k))
                }
            }
        }.map { row in
            row.enumerated().map { Float($1) * (frontEnd.scale.isEmpty ? 1 : frontEnd.scale[$0]) }
        }
        return (0..<frontEnd.steps(frames: rows.count)).flatMap { step in
            rows[step * frontEnd.stride..<step * frontEnd.stride + frontEnd.stack].joined()
        }
    }

    @Test("steps are those of the formulas, whatever the features, the mean and the range", arguments: normalisations)
    func formulas(normalisation: FrontEndDescription.Normalisation) throws {
        let frames = try FrontEnd(options: Self.options(.fbank), normalisation: .none, stack: 1, stride: 1)
            .frames(of: Self.sound(seconds: 1, seed: 1))
        let kinds = [
            Self.options(.fbank), Self.options(.mfcc), Self.options(.mfcc, lifter: 22),
            Self.options(.mfcc, coefficients: 6, lifter: 22),
        ]
        for options in kinds {
            for range in [nil, 4, 15] as [Double?] {
                let scale = normalisation.hasScale ? (0..<options.dimension).map { 0.2 + 0.1 * Float($0) } : []
                let frontEnd = FrontEnd(
                    options: options, normalisation: normalisation, scale: scale, stack: 3, stride: 2, range: range)
                for count in [frames.frames, 12, 4] {
                    let some = frames[0..<count]
                    let steps = frontEnd.steps(ofFrames: some)
                    let difference = largestDifference(steps.values, Self.plain(frontEnd, some))
                    #expect(
                        difference < 1e-4,
                        "\(options.kind) \(options.coefficients), range \(range ?? 0), \(count) frames")
                }
            }
        }
    }

    @Test("as they were before: the mean of all frames; in a window, of those that are not digital silence")
    func utteranceMean() throws {
        let frontEnd = FrontEnd(options: Self.options(.fbank), normalisation: .mean, stack: 1, stride: 1)
        let silence = [Float](repeating: 0, count: 4000)
        let frames = try frontEnd.frames(of: Self.sound(seconds: 1, seed: 2) + silence)
        let whole = frontEnd.steps(ofFrames: frames)
        let mean = MeanVariance(frames).mean
        #expect(Array(whole.row(5)) == zip(frames[5], mean).map { $0 - $1 })
        let window = frontEnd.steps(ofFrames: frames, isWindow: true)
        let sounding = frames[0..<frames.frames - 48]
        #expect(
            frames[frames.frames - 48].allSatisfy { $0 < -15.9 } && frames[frames.frames - 50].contains { $0 > -15 })
        let ofSound = MeanVariance(sounding).mean
        #expect(largestDifference(Array(window.row(5)), zip(frames[5], ofSound).map { $0 - $1 }) < 0.5)
        #expect(largestDifference(Array(window.row(5)), Array(whole.row(5))) > 3)
        // Nothing but silence: no mean is better than another.
        #expect(
            try frontEnd.steps(ofFrames: frontEnd.frames(of: silence), isWindow: true).values.allSatisfy { $0 == 0 })
    }

    @Test(
        "nothing depends on how much nothing surrounds the sound: zeros, a bit, a quiet room", arguments: [0.5, 3, 12])
    func surroundings(seconds: Double) throws {
        var generator = SeededGenerator(seed: 3)
        let sound = Self.sound(seconds: 1.2, seed: 3).map { ($0 * 32_768).rounded() / 32_768 }
        let count = Int(seconds * 100) * 80
        let peak: Float = 0.2
        let kinds: [(String, Float, Double)] = [
            ("zeros", 0, 0.1), ("a bit", 1.01 / 32_768, 0.1), ("a room", peak * 0.0012, 0.1),
        ]
        for options in [Self.options(.fbank), Self.options(.mfcc)] {
            let frontEnd = FrontEnd(options: options, normalisation: .soundMean, stack: 1, stride: 1, range: 9)
            let bare = try frontEnd.steps(of: sound)
            for (name, level, tolerance) in kinds {
                func quiet() -> [Float] {
                    (0..<count).map { _ in (level * generator.uniform() * 32_768).rounded() / 32_768 }
                }
                let steps = try frontEnd.steps(of: quiet() + sound + quiet())
                // A frame reaches 25 ms, so those at the edges hold both.
                let shift = count / 80
                var worst: Float = 0
                for row in 3..<bare.rows - 3 {
                    worst = max(worst, largestDifference(Array(bare.row(row)), Array(steps.row(row + shift))))
                }
                #expect(Double(worst) < tolerance, "\(options.kind) \(name)")
                // All of them look alike, and how much of it there is does not matter at all.
                let zeros = [Float](repeating: 0, count: 8000)
                let others = try frontEnd.steps(of: zeros + sound + zeros)
                let row = 4
                #expect(
                    largestDifference(Array(others.row(100 + row)), Array(steps.row(shift + row))) < 2e-3,
                    "\(options.kind) \(name)")
                #expect(largestDifference(Array(others.row(row)), Array(steps.row(row))) < 2e-3)
            }
        }
    }

    @Test("a recording's level does not matter: by powers of two it is equal, by others up to rounding")
    func level() throws {
        let sound = Self.sound(seconds: 1, seed: 4)
        for options in [Self.options(.fbank), Self.options(.mfcc)] {
            let frontEnd = FrontEnd(options: options, normalisation: .soundMean, stack: 3, stride: 3, range: 15)
            let steps = try frontEnd.steps(of: sound).values
            for (decibels, tolerance) in [(-20.0, 1e-3), (-90, 1e-3), (-160, 1e-3), (40, 1e-3)] {
                let factor = Float(pow(10, decibels / 20))
                let other = try frontEnd.steps(of: sound.map { factor * $0 }).values
                #expect(Double(largestDifference(steps, other)) < tolerance, "\(options.kind) \(decibels) dB")
            }
        }
    }

    @Test("a click does not make everything else quiet, and digital silence alone looks like a pause")
    func clickAndSilence() throws {
        let frontEnd = FrontEnd(options: Self.options(.fbank), normalisation: .soundMean, stack: 1, stride: 1, range: 9)
        var sound = Self.sound(seconds: 2, seed: 5, level: 0.02)
        let bare = try frontEnd.steps(of: sound)
        sound[9000] = 1
        let clicked = try frontEnd.steps(of: sound)
        #expect(largestDifference(Array(bare.row(40)), Array(clicked.row(40))) < 0.3)
        let silence = try frontEnd.steps(of: [Float](repeating: 0, count: 8000))
        #expect(silence.values.allSatisfy { $0 == -4.5 })
    }

    @Test("samples may come in blocks of any size, padding is silence around them")
    func blocks() throws {
        let sound = Self.sound(seconds: 1, seed: 6)
        let plain = FrontEnd(options: Self.options(.mfcc), normalisation: .soundMean, stack: 3, stride: 3, range: 15)
        let padded = FrontEnd(
            options: plain.options, normalisation: .soundMean, stack: 3, stride: 3, range: 15, padding: 0.1)
        let silence = [Float](repeating: 0, count: 800)
        let expected = try plain.steps(of: silence + sound + silence)
        #expect(try padded.steps(of: sound) == expected)
        let stream = try FrontEndStream(padded)
        var frames = FeatureMatrix(dimension: padded.frameDimension)
        var start = 0
        for size in [1, 7, 500, 3000, 100_000] {
            stream.accept(Array(sound[start..<min(start + size, sound.count)]))
            start = min(start + size, sound.count)
            frames.append(stream.takeFrames())
        }
        stream.finish()
        frames.append(stream.takeFrames())
        #expect(padded.steps(ofFrames: frames) == expected)
        #expect(abs(padded.seconds(atStep: 0) + 0.1) < 1e-9)
        #expect(padded.steps(ofFrames: FeatureMatrix(dimension: 10)).rows == 0)
    }

    @Test("masks hide log-mel energies behind what was subtracted, before the cosine transform")
    func masks() throws {
        let frames = try FrontEnd(options: Self.options(.fbank), normalisation: .none, stack: 1, stride: 1)
            .frames(of: Self.sound(seconds: 1, seed: 7))
        func steps(_ kind: FeatureKind) -> Matrix {
            FrontEnd(options: Self.options(kind), normalisation: .soundMean, stack: 1, stride: 1, range: 15)
                .steps(ofFrames: frames) { frames, hidden in
                    #expect(hidden == [Float](repeating: 0, count: 10))
                    var masked = frames
                    for frame in 0..<frames.frames { for band in 2..<5 { masked[frame, band] = hidden[band] } }
                    return masked
                }
        }
        let (bands, cepstra) = (steps(.fbank), steps(.mfcc))
        #expect((0..<bands.rows).allSatisfy { row in bands.row(row).dropFirst(2).prefix(3).allSatisfy { $0 == 0 } })
        let transform = try CepstralTransform(Self.options(.mfcc))
        let expected = transform(FeatureMatrix(dimension: 10, values: bands.values))
        #expect(largestDifference(cepstra.values, expected.values) < 1e-4)
    }
}
