import Foundation
import TestSupport
import Testing
import Training

@Suite struct RoomSimulationTests {
    private func augmenter(
        _ reverberationTime: Double, distance: ClosedRange<Double> = 0.5...2, sampleRate: Int = 16_000
    ) throws -> Augmenter {
        try Augmenter(
            augmentation {
                var room = RoomSimulation()
                room.probability = 1
                room.reverberationTime = reverberationTime...reverberationTime
                room.distance = distance
                $0.room = room
            }, sampleRate: sampleRate)
    }

    /// What a room makes of a click at sample 1000, from there on, the direct path being 1.
    private func response(_ augmenter: Augmenter, seconds: Double, seed: UInt64) throws -> [Float] {
        var click = [Float](repeating: 0, count: 1_000 + Int(seconds * Double(augmenter.sampleRate)))
        click[1_000] = 1
        let heard = try augmenter.augment(click, seed: seed)
        #expect(heard[..<1_000].allSatisfy { abs($0) < 1e-5 }, "sound before its cause")
        return heard[1_000...].map { $0 / heard[1_000] }
    }

    /// Schroeder's backward integration: the slope of the energy still to come between -5 and -35 dB, as the time of a
    /// fall by 60 dB; without the direct path and the first reflections.
    private func decayTime(_ response: [Float], sampleRate: Double) -> Double {
        var energy = 0.0
        let tail = response.dropFirst(Int(0.02 * sampleRate))
        let left = tail.reversed().map { sample -> Double in
            energy += Double(sample) * Double(sample)
            return energy
        }.reversed()
        let curve = left.map { 10 * log10($0 / energy) }
        let points = curve.enumerated().filter { (-35 ... -5).contains($0.element) }
        let count = Double(points.count)
        let (x, y) = (points.map { Double($0.offset) }, points.map(\.element))
        let (meanX, meanY) = (x.reduce(0, +) / count, y.reduce(0, +) / count)
        let slope =
            zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
            / x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
        return -60 / slope / sampleRate
    }

    @Test("sound dies away in the time asked for", arguments: [0.2, 0.4, 0.8, 1.5])
    func reverberationTime(seconds: Double) throws {
        for sampleRate in [8_000, 16_000] {
            let augmenter = try augmenter(seconds, sampleRate: sampleRate)
            let times = try (0..<12).map {
                decayTime(
                    try response(augmenter, seconds: seconds + 0.2, seed: $0), sampleRate: Double(sampleRate))
            }
            #expect(abs(times.reduce(0, +) / 12 / seconds - 1) < 0.05, "\(times)")
            #expect(times.allSatisfy { abs($0 / seconds - 1) < 0.2 }, "\(times)")
        }
    }

    @Test("where reflections give way to noise the power goes on as it was")
    func seam() throws {
        let augmenter = try augmenter(0.6)
        var (before, after) = (0.0, 0.0)
        for seed in 0..<60 as Range<UInt64> {
            let response = try response(augmenter, seconds: 0.2, seed: seed)
            before += response[480..<800].reduce(0) { $0 + Double($1 * $1) }
            after += response[800..<1_120].reduce(0) { $0 + Double($1 * $1) }
        }
        // 20 ms later it is 2 dB less: 60 dB in 0.6 s.
        #expect(abs(10 * log10(before / after) - 2) < 1)
    }

    @Test("the farther the mouth, the more of the room is heard, as the square of the distance")
    func distance() throws {
        func reverberation(_ distance: Double) throws -> Double {
            let augmenter = try augmenter(0.5, distance: distance...distance)
            return try (0..<40).reduce(0) { sum, seed in
                try sum + response(augmenter, seconds: 0.6, seed: seed).dropFirst().reduce(0) { $0 + Double($1 * $1) }
            }
        }
        #expect(abs(10 * log10(try reverberation(1) / reverberation(0.25)) - 12) < 1.5)
    }

    @Test("speech keeps its level and its length, and is not what it was")
    func speechInARoom() throws {
        let (augmenter, speech) = (try augmenter(0.5), try speech())
        let heard = try augmenter.augment(speech, seed: 4)
        #expect(heard.count == speech.count && abs(decibels(heard) - decibels(speech)) < 1e-3)
        let difference = zip(heard, speech).map { $0 - $1 }
        #expect(decibels(difference) > decibels(speech) - 20)
    }
}
