/// Which channels of a recording become the one channel that is read.
public enum ChannelSelection: Sendable, Equatable {
    /// The mean of all channels; where they cancel each other in it, the difference of two, or the loudest of more.
    case mixDown
    /// One channel, counted from 1 as users count them.
    case channel(Int)
}
