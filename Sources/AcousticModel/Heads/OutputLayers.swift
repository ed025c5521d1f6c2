import CTC
import Networks

/// From encoder outputs to a score for each class, and what the classes stand for.
public struct OutputLayers: Sendable {
    /// A layer below the last, whose outputs are cut off at zero (ReLU); nil for a linear head.
    public let hidden: Linear?
    /// To a score for each class; a classifier has one more, the weight of a step.
    public let last: Linear
    /// What the classes stand for.
    public let vocabulary: Vocabulary

    /// - Precondition: the last layer reads what the hidden one gives.
    public init(hidden: Linear? = nil, last: Linear, vocabulary: Vocabulary) {
        precondition(hidden.map { $0.weight.rows == last.weight.columns } ?? true)
        (self.hidden, self.last, self.vocabulary) = (hidden, last, vocabulary)
    }

    /// The encoder outputs that they read.
    var inputs: Int { (hidden ?? last).weight.columns }

    /// The scores before any softmax.
    /// - Parameter hidden: [rows, encoder outputs].
    /// - Returns: [rows, classes], a classifier's with one column more.
    package func scores(ofHidden hidden: Matrix) -> Matrix {
        last.forward(self.hidden.map { $0.forward(hidden).rectified() } ?? hidden)
    }
}
