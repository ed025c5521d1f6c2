/// An exponential moving average of the weights: average += (1 - d) (weights - average) after each step (Polyak and
/// Juditsky 1992). Averaged weights often recognise better than the last ones.
public struct ExponentialAverage: Sendable, Equatable {
    /// d: the closer to 1, the longer the memory, about 1 / (1 - d) steps.
    public let decay: Double
    /// Whether the memory is short at first: d is min(decay, (1 + n) / (10 + n)) at update n (TensorFlow's rule), so that
    /// the random weights of the beginning are soon forgotten.
    public let warmsUp: Bool
    /// The average, in the order of the parameters.
    public private(set) var tensors: [[Float]]
    /// The number of updates.
    public private(set) var updates = 0

    /// Begins with the weights as they are.
    public init(of parameters: [[Float]], decay: Double = 0.999, warmsUp: Bool = true) {
        precondition((0...1).contains(decay))
        self.decay = decay
        self.warmsUp = warmsUp
        tensors = parameters
    }

    /// Takes in the weights after a step.
    /// - Parameter threads: at most this many run at once; the result does not depend on it.
    public mutating func update(_ parameters: [[Float]], threads: Int = 1) {
        precondition(parameters.map(\.count) == tensors.map(\.count))
        updates += 1
        let d = warmsUp ? min(decay, Double(1 + updates) / Double(10 + updates)) : decay
        let share = Float(1 - d)
        forEachTensor(Array(tensors.indices), of: &tensors, threads: threads) { index, average in
            average.withUnsafeMutableBufferPointer { average in
                parameters[index].withUnsafeBufferPointer { weights in
                    for i in average.indices { average[i] += share * (weights[i] - average[i]) }
                }
            }
        }
    }

    /// `updates` and `average.N`.
    public var state: TrainingState {
        var state = TrainingState(integers: ["updates": updates])
        state.set("average", tensors)
        return state
    }

    /// Continues from a saved state.
    /// - Throws: ``TrainingStateError`` where it is of other tensors; nothing is changed then.
    public mutating func restore(_ state: TrainingState) throws {
        let updates = try state.count("updates")
        tensors = try state.list("average", sizes: tensors.map(\.count))
        self.updates = updates
    }
}
