import VectorKernels

/// The cells of recurrent layers, in PyTorch's definitions and gate order.
///
/// With a = W_ih x + b_ih and u = W_hh h + b_hh, both split into gates of H units:
/// - `tanh`: h' = tanh(a + u); `relu`: h' = max(0, a + u)
/// - `gru`: r = s(a_r + u_r), z = s(a_z + u_z), n = tanh(a_n + r u_n), h' = (1 - z) n + z h
/// - `lstm`: i = s(a_i + u_i), f = s(a_f + u_f), g = tanh(a_g + u_g), o = s(a_o + u_o), c' = f c + i g, h' = o tanh(c')
public enum RecurrentCell: String, Sendable, CaseIterable {
    /// A plain recurrent unit (Elman 1990).
    case tanh
    /// A plain unit with a rectifier.
    case relu
    /// A gated recurrent unit (Cho et al. 2014), gates r z n.
    case gru
    /// Long short-term memory (Hochreiter and Schmidhuber 1997, with forget gate), gates i f g o.
    case lstm

    /// The number of gates, each H rows of the weights.
    public var gates: Int {
        switch self {
        case .tanh, .relu: 1
        case .gru: 3
        case .lstm: 4
        }
    }

    /// The name of this cell in the kernels.
    var kernelCell: utter_cell {
        switch self {
        case .tanh: UTTER_CELL_TANH
        case .relu: UTTER_CELL_RELU
        case .gru: UTTER_CELL_GRU
        case .lstm: UTTER_CELL_LSTM
        }
    }
}

/// The weights of one direction of one recurrent layer, in PyTorch's layout.
public struct RecurrentWeights: Sendable, Equatable {
    /// `weight_ih`, [gates * hidden, inputs].
    public var input: Matrix
    /// `weight_hh`, [gates * hidden, hidden].
    public var recurrent: Matrix
    /// `bias_ih`, [gates * hidden].
    public var inputBias: [Float]
    /// `bias_hh`, [gates * hidden].
    public var recurrentBias: [Float]

    /// Takes the four tensors of a direction.
    /// - Precondition: the shapes above, for one number of gates and one hidden size.
    public init(input: Matrix, recurrent: Matrix, inputBias: [Float], recurrentBias: [Float]) {
        precondition(
            input.rows == recurrent.rows && inputBias.count == input.rows && recurrentBias.count == input.rows)
        self.input = input
        self.recurrent = recurrent
        self.inputBias = inputBias
        self.recurrentBias = recurrentBias
    }

    /// The hidden size.
    public var hidden: Int { recurrent.columns }
}
