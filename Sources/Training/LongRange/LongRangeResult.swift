import Networks

/// One update of one subject: a line of the log. Fields are named as in the log of `utter train`; those that are no
/// number, which JSON cannot hold, are nil.
public struct LongRangeRecord: Encodable, Sendable, Equatable {
    /// What the line is about.
    public let event = "step"
    /// The subject's name.
    public let cell: String
    /// Updates done, this one too.
    public let step: Int
    /// The mean cross-entropy of the batch before the update, in nats.
    public let loss: Double?
    /// The share of the batch that was right.
    public let accuracy: Double
    /// The norm of the whole gradient before clipping.
    public let gradientNorm: Double?
    /// The norm of the gradient of each layer before clipping.
    public let layerGradientNorms: [String: Double?]
    /// The norm of the gradient with respect to the hidden state, of each layer and direction.
    public let hiddenGradientNorms: [String: HiddenGradientNorms]
    /// Whether the gradient was clipped.
    public let isClipped: Bool
    /// Whether nothing was changed, because the gradient was not finite.
    public let isSkipped: Bool

    init(
        cell: String, step: Int, score: RememberingModel.Score, gradients: [[Float]], flow: GradientFlow,
        optimiserStep: OptimiserStep
    ) {
        self.cell = cell
        self.step = step
        loss = score.loss.orNil
        accuracy = score.accuracy
        gradientNorm = optimiserStep.norm.orNil
        layerGradientNorms = Dictionary(
            uniqueKeysWithValues: RememberingModel.layers.map { name, tensors in
                (name, GradientClipping.norm(of: gradients[tensors]).orNil)
            })
        hiddenGradientNorms = flow.hiddenNorms
        isClipped = optimiserStep.isClipped
        isSkipped = optimiserStep.isSkipped
    }

    enum CodingKeys: String, CodingKey {
        case event, cell, step, loss, accuracy
        case gradientNorm = "gradient_norm"
        case layerGradientNorms = "layer_gradient_norms"
        case hiddenGradientNorms = "hidden_gradient_norms"
        case isClipped = "clipped"
        case isSkipped = "skipped"
    }
}

/// How a subject does on sequences that it never learns from: a line of the log.
public struct LongRangeMeasurement: Encodable, Sendable, Equatable {
    /// When it was measured.
    public enum Event: String, Encodable, Sendable {
        /// Before the first update.
        case start
        /// After the last.
        case end
    }

    /// When it was measured.
    public let event: Event
    /// The subject's name.
    public let cell: String
    /// The mean cross-entropy, in nats.
    public let loss: Double?
    /// The share of sequences whose first symbol was named.
    public let accuracy: Double
    /// |dL/dh_t| at each step t, the root of the mean square over the sequences.
    public let hiddenGradientNorms: [Double?]

    init(_ event: Event, cell: String, score: RememberingModel.Score, profile: GradientFlow.Profile) {
        self.event = event
        self.cell = cell
        loss = score.loss.orNil
        accuracy = score.accuracy
        hiddenGradientNorms = profile.norms.map(\.orNil)
    }

    enum CodingKeys: String, CodingKey {
        case event, cell, loss, accuracy
        case hiddenGradientNorms = "hidden_gradient_norms"
    }

    /// The share of the gradient at the last step that arrives at the first; nil where there is none at the last.
    public var shareAtFirstStep: Double? {
        guard let first = hiddenGradientNorms.first ?? nil, let last = hiddenGradientNorms.last ?? nil, last > 0 else {
            return nil
        }
        return first / last
    }
}

/// What became of one subject.
public struct LongRangeResult: Sendable, Equatable {
    /// The cell and how it began.
    public let subject: LongRangeSubject
    /// One for each update.
    public let records: [LongRangeRecord]
    /// Before the first update.
    public let start: LongRangeMeasurement
    /// After the last.
    public let end: LongRangeMeasurement
}
