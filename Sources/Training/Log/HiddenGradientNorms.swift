import Networks

/// Of a layer and direction, the norm of the gradient with respect to the hidden state along the sequences (root of the mean
/// square over them); nil where it is no number, which JSON cannot hold.
public struct HiddenGradientNorms: Codable, Sendable, Equatable {
    /// At the first step.
    public let first: Double?
    /// In the middle.
    public let middle: Double?
    /// At the last step.
    public let last: Double?

    init(_ profile: GradientFlow.Profile) {
        (first, middle, last) = (profile.first.orNil, profile.middle.orNil, profile.last.orNil)
    }
}

extension GradientFlow {
    /// The norms of each layer and direction, by the names that logs give them.
    var hiddenNorms: [String: HiddenGradientNorms] {
        let named = layers.enumerated().flatMap { layer, directions in
            zip(["forward", "backward"], directions).map { ("layer \(layer) \($0)", HiddenGradientNorms($1)) }
        }
        return Dictionary(uniqueKeysWithValues: named)
    }
}

extension Double {
    /// Itself where it is finite: JSON has no word for other numbers.
    var orNil: Double? { isFinite ? self : nil }
}
