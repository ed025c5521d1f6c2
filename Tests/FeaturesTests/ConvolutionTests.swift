import Features
import TestSupport
import Testing

@Suite struct ConvolutionTests {
    private func plain(_ x: [Float], _ h: [Float], delay: Int) -> [Float] {
        x.indices.map { n in
            Float(
                h.indices.reduce(0.0) { sum, k in
                    let place = n + delay - k
                    return x.indices.contains(place) ? sum + Double(h[k]) * Double(x[place]) : sum
                })
        }
    }

    @Test("blocks by FFT give the plain sum, whatever the lengths", arguments: [0, 1, 2, 5, 300, 5_000])
    func equalsThePlainSum(length: Int) throws {
        var generator = SeededGenerator(seed: 5)
        for taps in [1, 2, 3, 129, 900] {
            let x = (0..<length).map { _ in generator.uniform() }
            let h = (0..<taps).map { _ in generator.uniform() }
            for delay in [0, 1, taps / 2, length + taps] {
                let y = try Convolution.filter(x, by: h, delay: delay)
                let difference = largestDifference(y, plain(x, h, delay: delay))
                #expect(difference < 2e-5, "\(length) samples, \(taps) taps, delay \(delay)")
            }
        }
    }

    @Test("a filter of nothing gives silence, the same call the same bits")
    func edges() throws {
        #expect(try Convolution.filter([1, 2, 3], by: []) == [0, 0, 0])
        let x = (0..<1_000).map { Float($0 % 17) - 8 }
        let h = (0..<100).map { Float($0 % 5) }
        #expect(try Convolution.filter(x, by: h) == Convolution.filter(x, by: h))
    }
}
