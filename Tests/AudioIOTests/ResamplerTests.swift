import AudioIO
import TestSupport
import Testing

@Suite("Resampler") struct ResamplerTests {
    @Test(arguments: [(44_100, 16_000), (48_000, 16_000), (8_000, 16_000), (11_025, 16_000), (192_000, 4_000)])
    func blocksOfAnySizesGiveTheWholeBitForBit(_ rates: (from: Int, to: Int)) throws {
        let input = noise(30_011)
        let whole = try Resampler.resample(Waveform(samples: input, sampleRate: rates.from), to: rates.to).samples
        for size in [1, 7, 160, 4_096, 16_384, 29_999] {
            let resampler = try Resampler(from: rates.from, to: rates.to)
            var joined: [Float] = []
            for start in stride(from: 0, to: input.count, by: size) {
                joined += try resampler.process(Array(input[start..<min(input.count, start + size)]))
            }
            joined += try resampler.finish()
            #expect(joined == whole, "blocks of \(size)")
        }
    }

    @Test(arguments: [0, 1, 2, 3, 100, 441, 16_385, 44_101])
    func lengthIsRounded(_ count: Int) throws {
        for (from, to) in [(44_100, 16_000), (8_000, 16_000), (48_000, 16_000), (16_000, 44_100)] {
            let output = try Resampler.resample(Waveform(samples: noise(count), sampleRate: from), to: to)
            let exact = Double(count) * Double(to) / Double(from)
            #expect(abs(Double(output.samples.count) - exact) <= 0.5)
            #expect(output.sampleRate == to)
        }
    }

    @Test func thereIsNoDelay() throws {
        var click = [Float](repeating: 0, count: 44_100)
        click[22_050] = 1
        let output = try Resampler.resample(Waveform(samples: click, sampleRate: 44_100), to: 16_000).samples
        #expect(output.indices.max { output[$0] < output[$1] } == 8_000)
    }

    @Test func equalRatesPassEverySampleUnchanged() throws {
        let input: [Float] = [0, 1.5, -3, .leastNonzeroMagnitude]
        #expect(try Resampler.resample(Waveform(samples: input, sampleRate: 16_000), to: 16_000).samples == input)
    }

    @Test func aFinishedResamplerBeginsANewSignal() throws {
        let resampler = try Resampler(from: 48_000, to: 16_000)
        let first = try resampler.process(noise(5_000)) + resampler.finish()
        let second = try resampler.process(noise(5_000)) + resampler.finish()
        #expect(first == second)
        #expect(try resampler.finish().isEmpty)
    }

    @Test(arguments: [0, -1, 3_999, 192_001, Int.max])
    func ratesOutOfRangeAreRefused(_ rate: Int) {
        #expect(throws: AudioError.requestedSampleRateOutOfRange(sampleRate: rate)) {
            try Resampler(from: rate, to: 16_000)
        }
        #expect(throws: AudioError.requestedSampleRateOutOfRange(sampleRate: rate)) {
            try Resampler(from: 16_000, to: rate)
        }
    }
}
