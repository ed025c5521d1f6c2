import Foundation
import TestSupport
import Testing

import Training

@Suite struct AugmentationOptionsTests {
    private func decode(_ json: String) throws -> AugmentationOptions {
        try JSONDecoder().decode(AugmentationOptions.self, from: Data(json.utf8))
    }

    private func reason(_ json: String) -> String {
        do {
            _ = try decode(json)
            return ""
        } catch DecodingError.dataCorrupted(let context) {
            return context.debugDescription
        } catch DecodingError.keyNotFound(let key, _) {
            return "missing \(key.stringValue)"
        } catch {
            return "\(error)"
        }
    }

    @Test("what is left out of a recipe has its default")
    func defaults() throws {
        #expect(try decode("{}") == AugmentationOptions())
        let options = try decode(
            """
            {"speeds": [0.9, 1.1], "spectrogram": {"time_masks": 5}, "noise": {"folder": "n", "snr": [0, 15]},
             "gain": {}, "telephone": {"probability": 0.5}, "room": {"reverberation_time": [0.1, 0.3]}}
            """)
        var expected = augmentation {
            $0.speeds = [0.9, 1.1]
            $0.spectrogram = SpectrogramMasking()
            $0.noise = NoiseMixing(folder: "n")
            $0.gain = GainChange()
            $0.telephone = TelephoneBand()
            $0.room = RoomSimulation()
        }
        expected.spectrogram?.timeMasks = 5
        expected.noise?.snr = 0...15
        expected.telephone?.probability = 0.5
        expected.room?.reverberationTime = 0.1...0.3
        #expect(options == expected)
        #expect(try JSONDecoder().decode(AugmentationOptions.self, from: JSONEncoder().encode(options)) == options)
    }

    @Test("a slip of the pen is told with what there is")
    func unknownKeys() {
        #expect(
            reason(#"{"speed": [1]}"#)
                == #"unknown key "speed": give one of speeds, spectrogram, noise, gain, telephone, room"#)
        #expect(reason(#"{"room": {"rt60": [1, 2]}}"#).hasPrefix(#"unknown key "rt60": give one of probability,"#))
        #expect(reason(#"{"spectrogram": {"timeMasks": 2}}"#).hasPrefix(#"unknown key "timeMasks""#))
        #expect(reason(#"{"noise": {}}"#) == "missing folder")
        #expect(reason(#"{"noise": {"folder": "n", "snr": [20, 5]}}"#).contains("20"))
    }

    @Test("a value out of range is told with its key and what may be given")
    func ranges() throws {
        func refusal(_ change: (inout AugmentationOptions) -> Void) -> String? {
            message { try augmentation(change).validate() }
        }
        #expect(refusal { $0.speeds = [] } == "augmentation: speeds is empty: give at least one, such as 1")
        #expect(refusal { $0.speeds = [1, 0.4] } == "augmentation: speeds is 0.4: give 0.5 to 2.0")
        #expect(refusal { $0.speeds = [.nan] } == "augmentation: speeds is nan: give 0.5 to 2.0")
        let wrong: [(String, (inout AugmentationOptions) -> Void)] = [
            ("spectrogram.frequency_masks", { $0.spectrogram?.frequencyMasks = -1 }),
            ("spectrogram.frequency_width", { $0.spectrogram?.frequencyWidth = 1_025 }),
            ("spectrogram.time_masks", { $0.spectrogram?.timeMasks = .max }),
            ("spectrogram.time_width", { $0.spectrogram?.timeWidth = -5 }),
            ("spectrogram.time_share", { $0.spectrogram?.timeShare = 1.1 }),
            ("noise.probability", { $0.noise?.probability = 1.5 }),
            ("noise.snr", { $0.noise?.snr = 0...(.infinity) }),
            ("gain.probability", { $0.gain?.probability = -0.1 }),
            ("gain.decibels", { $0.gain?.decibels = -100...0 }),
            ("telephone.probability", { $0.telephone?.probability = .nan }),
            ("room.probability", { $0.room?.probability = 2 }),
            ("room.reverberation_time", { $0.room?.reverberationTime = 0...1 }),
            ("room.distance", { $0.room?.distance = 1...50 }),
        ]
        for (key, change) in wrong {
            let all = augmentation {
                $0.spectrogram = SpectrogramMasking()
                $0.noise = NoiseMixing(folder: ".")
                $0.gain = GainChange()
                $0.telephone = TelephoneBand()
                $0.room = RoomSimulation()
            }
            try all.validate()
            var options = all
            change(&options)
            let refusal = try #require(message { try options.validate() }, "\(key)")
            #expect(refusal.hasPrefix("augmentation: \(key) is ") && refusal.contains(": give "))
            #expect(message { _ = try Augmenter(options, sampleRate: 16_000) } == refusal)
        }
    }
}
