/// Which channels of a recording become the one channel that is read.
public enum ChannelSelection: Sendable, Equatable {
    /// The mean of all channels.
    case mixDown
    /// One channel, counted from 1 as users count them.
    case channel(Int)
}

extension ChannelSelection {
    /// Folds interleaved frames to one channel. The selection must fit the channel count; the reader checks it once.
    ///
    /// - Parameters:
    ///   - interleaved: `[frames, channels]`, row-major.
    ///   - mono: `[frames]`, overwritten; its count says how many frames to fold.
    func fold(
        _ interleaved: UnsafeBufferPointer<Float>, channels: Int, into mono: UnsafeMutableBufferPointer<Float>
    ) {
        switch self {
        case .channel(let number):
            for frame in 0..<mono.count { mono[frame] = interleaved[frame * channels + number - 1] }
        case .mixDown where channels == 1:
            for frame in 0..<mono.count { mono[frame] = interleaved[frame] }
        case .mixDown where channels == 2:
            for frame in 0..<mono.count { mono[frame] = (interleaved[2 * frame] + interleaved[2 * frame + 1]) * 0.5 }
        case .mixDown:
            let scale = 1 / Float(channels)
            for frame in 0..<mono.count {
                var sum: Float = 0
                for channel in 0..<channels { sum += interleaved[frame * channels + channel] }
                mono[frame] = sum * scale
            }
        }
    }
}
