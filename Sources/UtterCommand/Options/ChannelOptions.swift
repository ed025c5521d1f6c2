import ArgumentParser
import UtterTraining

/// Which channels of a recording to hear.
struct ChannelOptions: ParsableArguments {
    @Option(help: "Hear this channel alone, counted from 1 (default: the mean of all).")
    var channel: Int?

    func validate() throws {
        if let channel, channel < 1 {
            throw ValidationError("--channel \(channel): channels are counted from 1.")
        }
    }

    var selection: ChannelSelection { channel.map(ChannelSelection.channel) ?? .mixDown }
}
