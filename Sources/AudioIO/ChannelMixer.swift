/// Makes one channel of several.
///
/// A cable with two wires swapped gives a right channel that is the left one upside down: in their mean nothing is left, and
/// each is a fine recording. So the power of the mean is held against what channels that have nothing to do with each
/// other would give, P = sum of p_c / n^2. Where it is 20 dB below that, they cancel: the difference is taken of two
/// channels, the loudest of more, until the mean is less than 10 dB below it again.
struct ChannelMixer {
    /// Whether channels were found to cancel each other.
    private(set) var hasCancelled = false

    private let selection: ChannelSelection
    private var way = Way.mean

    private enum Way: Equatable { case mean, difference, single(Int) }

    init(_ selection: ChannelSelection) { self.selection = selection }

    /// Folds interleaved frames to one channel.
    ///
    /// - Parameters:
    ///   - interleaved: `[frames, channels]`, row-major.
    ///   - channels: a channel that was asked for and that a later part of a file lacks is its last.
    ///   - mono: `[frames]`, overwritten; its count says how many frames to fold.
    mutating func fold(
        _ interleaved: UnsafeBufferPointer<Float>, channels: Int, into mono: UnsafeMutableBufferPointer<Float>
    ) {
        switch selection {
        case .channel(let number):
            take(min(number, channels) - 1, of: interleaved, channels: channels, into: mono)
        case .mixDown:
            chooseWay(interleaved, channels: channels, frames: mono.count)
            mix(interleaved, channels: channels, into: mono)
        }
    }

    private func mix(
        _ interleaved: UnsafeBufferPointer<Float>, channels: Int, into mono: UnsafeMutableBufferPointer<Float>
    ) {
        switch way {
        case .difference where channels == 2:
            for frame in 0..<mono.count { mono[frame] = (interleaved[2 * frame] - interleaved[2 * frame + 1]) * 0.5 }
        case .single(let channel):
            take(min(channel, channels - 1), of: interleaved, channels: channels, into: mono)
        case .mean where channels == 2, .difference where channels == 2:
            for frame in 0..<mono.count { mono[frame] = (interleaved[2 * frame] + interleaved[2 * frame + 1]) * 0.5 }
        case .mean, .difference:
            let scale = 1 / Float(channels)
            for frame in 0..<mono.count {
                var sum: Float = 0
                for channel in 0..<channels { sum += interleaved[frame * channels + channel] }
                mono[frame] = sum * scale
            }
        }
    }

    private func take(
        _ channel: Int, of interleaved: UnsafeBufferPointer<Float>, channels: Int,
        into mono: UnsafeMutableBufferPointer<Float>
    ) {
        for frame in 0..<mono.count { mono[frame] = interleaved[frame * channels + channel] }
    }

    /// Every so many frames are looked at; a prime, so that no tone is missed.
    private static let stride = 31

    private mutating func chooseWay(_ interleaved: UnsafeBufferPointer<Float>, channels: Int, frames: Int) {
        var (mixed, all): (Float, Float) = (0, 0)
        if channels == 2 {
            for frame in Swift.stride(from: 0, to: frames, by: Self.stride) {
                let (left, right) = (interleaved[2 * frame], interleaved[2 * frame + 1])
                mixed += (left + right) * (left + right)
                all += left * left + right * right
            }
        } else {
            for frame in Swift.stride(from: 0, to: frames, by: Self.stride) {
                var sum: Float = 0
                for channel in 0..<channels {
                    let sample = interleaved[frame * channels + channel]
                    sum += sample
                    all += sample * sample
                }
                mixed += sum * sum
            }
        }
        // Both are n^2 times a power. Nothing can be said of a block of no more than single bits (-100 dB).
        guard all > 1e-10 * Float(frames / Self.stride), all.isFinite else { return }
        if mixed < 0.01 * all {
            if way == .mean {
                way =
                    channels == 2 ? .difference : .single(Self.loudest(interleaved, channels: channels, frames: frames))
            }
            hasCancelled = true
        } else if mixed > 0.1 * all {
            way = .mean
        }
    }

    private static func loudest(_ interleaved: UnsafeBufferPointer<Float>, channels: Int, frames: Int) -> Int {
        var powers = [Float](repeating: 0, count: channels)
        for index in 0..<frames * channels { powers[index % channels] += interleaved[index] * interleaved[index] }
        return powers.indices.max { powers[$0] < powers[$1] } ?? 0
    }
}
