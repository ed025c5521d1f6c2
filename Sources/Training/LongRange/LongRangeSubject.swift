import Networks

/// A recurrent cell in the experiment, and how it begins.
public struct LongRangeSubject: Sendable, Equatable {
    /// As pictures and the log name it.
    public let name: String
    /// The cell.
    public let cell: RecurrentCell
    /// By what W_hh is multiplied at the start.
    public let recurrentGain: Float

    /// The three cells, and a plain one that starts from recurrent weights so large that its gradient explodes.
    public static let all = [
        LongRangeSubject(name: "tanh", cell: .tanh, recurrentGain: 1),
        LongRangeSubject(name: "tanh, large weights", cell: .tanh, recurrentGain: 4),
        LongRangeSubject(name: "GRU", cell: .gru, recurrentGain: 1),
        LongRangeSubject(name: "LSTM", cell: .lstm, recurrentGain: 1),
    ]
}
