/// The mean of the weights of the last checkpoints (as Vaswani et al. 2017 did at the end of training).
public struct CheckpointAverage: Sendable, Equatable {
    /// The number of checkpoints that are kept.
    public let capacity: Int
    /// The checkpoints, the oldest first.
    public private(set) var checkpoints: [[[Float]]] = []

    /// Keeps the last `capacity` checkpoints.
    /// - Precondition: at least 1.
    public init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
    }

    /// Adds a checkpoint and forgets the oldest where there are too many.
    public mutating func append(_ parameters: [[Float]]) {
        precondition(checkpoints.first.map { $0.map(\.count) == parameters.map(\.count) } ?? true)
        checkpoints.append(parameters)
        checkpoints.removeFirst(max(0, checkpoints.count - capacity))
    }

    /// The mean of the kept checkpoints, in double precision; nil before the first.
    public var mean: [[Float]]? {
        guard let first = checkpoints.first else { return nil }
        return first.indices.map { index in
            var sums = [Double](repeating: 0, count: first[index].count)
            for checkpoint in checkpoints {
                for (element, value) in checkpoint[index].enumerated() { sums[element] += Double(value) }
            }
            return sums.map { Float($0 / Double(checkpoints.count)) }
        }
    }

    /// `checkpoints` and `checkpoint.M.N`, parameter N of checkpoint M, the oldest being 0.
    public var state: TrainingState {
        var state = TrainingState(integers: ["checkpoints": checkpoints.count])
        for (index, checkpoint) in checkpoints.enumerated() { state.set("checkpoint.\(index)", checkpoint) }
        return state
    }

    /// Continues from a saved state.
    /// - Parameter parameters: tensors of the sizes that the checkpoints must have.
    /// - Throws: ``TrainingStateError`` where it is of other tensors; nothing is changed then.
    public mutating func restore(_ state: TrainingState, for parameters: [[Float]]) throws {
        let sizes = parameters.map(\.count)
        var restored = CheckpointAverage(capacity: capacity)
        for index in 0..<(try state.count("checkpoints")) {
            restored.append(try state.list("checkpoint.\(index)", sizes: sizes))
        }
        self = restored
    }
}
