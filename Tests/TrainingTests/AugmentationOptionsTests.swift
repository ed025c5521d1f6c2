import TestSupport
import Testing
import Training

@Suite struct AugmentationOptionsTests {
    @Test("a value out of range is told with its key and what may be given")
    func ranges() throws {
        func refusal(_ change: (inout AugmentationOptions) -> Void) -> String? {
            message { try augmentation(change).validate() }
        }
        #expect(refusal { $0.speeds = [] } == "augmentation: speeds is empty: give at least one, such as 1")
        #expect(refusal { $0.speeds = [1, 0.4] } == "augmentation: speeds is 0.4: give 0.5 to 2.0")
        #expect(refusal { $0.speeds = [.nan] } == "augmentation: speeds is nan: give 0.5 to 2.0")
        let wrong: [(String, (inout AugmentationOptions) -> Void)] = [
            ("frequency_masks", { $0.spectrogram.frequencyMasks = -1 }),
            ("frequency_width", { $0.spectrogram.frequencyWidth = 1_025 }),
            ("time_masks", { $0.spectrogram.timeMasks = .max }),
            ("time_width", { $0.spectrogram.timeWidth = -5 }),
            ("time_share", { $0.spectrogram.timeShare = 1.1 }),
            ("noise_probability", { $0.noise.probability = 1.5 }),
            ("noise_snr", { $0.noise.snr = 0...(.infinity) }),
            ("gain_probability", { $0.gain.probability = -0.1 }),
            ("gain_decibels", { $0.gain.decibels = -100...0 }),
            ("telephone_probability", { $0.telephone.probability = .nan }),
            ("room_probability", { $0.room.probability = 2 }),
            ("room_reverberation_time", { $0.room.reverberationTime = 0...1 }),
            ("room_distance", { $0.room.distance = 1...50 }),
        ]
        for (key, change) in wrong {
            var options = AugmentationOptions()
            try options.validate()
            change(&options)
            let refusal = try #require(message { try options.validate() }, "\(key)")
            #expect(refusal.hasPrefix("augmentation: \(key) is ") && refusal.contains(": give "))
            #expect(message { _ = try Augmenter(options, sampleRate: 16_000) } == refusal)
        }
        #expect(
            refusal { $0.noise.probability = 0.5 }
                == "augmentation: noise_folder is empty: give a folder of noise, or noise_probability 0")
    }
}
