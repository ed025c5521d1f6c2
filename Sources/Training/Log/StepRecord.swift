/// What is said of a step now and then: where the gradient comes from.
public struct StepRecord: Codable, Sendable {
    /// Steps done, this one too.
    public let step: Int
    /// Counted from 1.
    public let epoch: Int
    /// Nats a label; nil where it is no number.
    public let loss: Double?
    /// The learning rate.
    public let learningRate: Double
    /// The norm of the whole gradient before clipping; nil where it is no number.
    public let gradientNorm: Double?
    /// The norm of each layer's part; nil where it is no number.
    public let layerGradientNorms: [String: Double?]
    /// For each layer and direction, the norm of the gradient with respect to the hidden state at the first, the middle and
    /// the last step of the recordings (root of the mean square).
    public let hiddenGradientNorms: [String: HiddenGradientNorms]
    /// Whether the gradient was clipped.
    public let isClipped: Bool
    /// Whether nothing was changed, because the gradient was not finite.
    public let isSkipped: Bool

    enum CodingKeys: String, CodingKey {
        case step, epoch, loss
        case learningRate = "learning_rate"
        case gradientNorm = "gradient_norm"
        case layerGradientNorms = "layer_gradient_norms"
        case hiddenGradientNorms = "hidden_gradient_norms"
        case isClipped = "clipped"
        case isSkipped = "skipped"
    }
}
