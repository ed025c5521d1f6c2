import Corpora
import Networks

/// A batch, ready for the network.
struct TrainingBatch: Sendable {
    /// The recordings that could be read, as indices of their set.
    var utterances: [Int] = []
    /// [steps, features] of each.
    var steps: [Matrix] = []
    /// The recordings that could not be read, and why.
    var problems: [BadLine] = []
}
