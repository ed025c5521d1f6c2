import ArgumentParser
import Utter

/// Which model to use.
struct ModelOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: "The model file (default: $UTTER_MODEL, else the English model that comes with utter).")
    var model: String?
}

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

extension AudioWarning {
    /// Whether a part of the recording is missing, so that a caller must not take the result for the whole.
    var isDamage: Bool {
        switch self {
        case .truncated, .damaged: true
        case .narrowerThanRequested: false
        }
    }
}
