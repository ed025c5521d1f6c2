import Networks

/// The average of the weights that is measured and kept, as a recipe chooses it.
enum WeightAverage: Sendable {
    case none
    case moving(ExponentialAverage)
    case epochs(CheckpointAverage)

    init(_ options: TrainingRecipe.Optimisation, of parameters: [[Float]]) {
        self =
            switch options.average {
            case .none: .none
            case .moving: .moving(ExponentialAverage(of: parameters, decay: options.averageDecay))
            case .epochs: .epochs(CheckpointAverage(capacity: options.averagedEpochs))
            }
    }

    /// Takes in the weights after a step.
    mutating func update(_ parameters: [[Float]], threads: Int) {
        guard case .moving(var average) = self else { return }
        // Taken out, so that it is the only copy.
        self = .none
        average.update(parameters, threads: threads)
        self = .moving(average)
    }

    /// Takes in the weights after an epoch.
    mutating func endEpoch(_ parameters: [[Float]]) {
        guard case .epochs(var average) = self else { return }
        self = .none
        average.append(parameters)
        self = .epochs(average)
    }

    /// The average; nil where there is none, and the weights themselves count.
    var weights: [[Float]]? {
        switch self {
        case .none: nil
        case .moving(let average): average.tensors
        case .epochs(let average): average.mean
        }
    }

    var state: TrainingState {
        switch self {
        case .none: TrainingState()
        case .moving(let average): average.state
        case .epochs(let average): average.state
        }
    }

    mutating func restore(_ state: TrainingState, for parameters: [[Float]]) throws {
        switch self {
        case .none: return
        case .moving(var average):
            try average.restore(state)
            self = .moving(average)
        case .epochs(var average):
            try average.restore(state, for: parameters)
            self = .epochs(average)
        }
    }
}

extension TrainingRecipe.Optimisation {
    /// The learning rate's course.
    /// - Parameter stepsInEpoch: how many batches an epoch has.
    func schedule(stepsInEpoch: Int) -> LearningRateSchedule {
        let (steps, minimum) = (epochs * stepsInEpoch, learningRate * finalShare)
        let shape: LearningRateSchedule.Shape =
            switch schedule {
            case .constant: .constant
            case .linear: .linear(steps: steps, minimum: minimum)
            case .cosine: .cosine(steps: steps, minimum: minimum)
            case .plateau: .plateau(patience: patience, factor: plateauFactor, minimum: minimum)
            }
        return LearningRateSchedule(
            peak: learningRate, warmUp: Int((warmUp * Double(stepsInEpoch)).rounded()), shape: shape)
    }

    /// The rule that changes weights.
    func optimiser(for parameters: [[Float]]) -> any Optimiser {
        let maximumNorm = clip > 0 ? clip : nil
        switch rule {
        case .sgd:
            return SGD(
                for: parameters, learningRate: learningRate, momentum: momentum, weightDecay: weightDecay,
                maximumNorm: maximumNorm)
        case .adam:
            return Adam(
                for: parameters, learningRate: learningRate, weightDecay: .coupled(weightDecay),
                maximumNorm: maximumNorm)
        case .adamw:
            return Adam.w(
                for: parameters, learningRate: learningRate, weightDecay: weightDecay, maximumNorm: maximumNorm)
        }
    }
}
