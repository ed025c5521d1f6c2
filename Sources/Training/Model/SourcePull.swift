/// L2-SP (Li et al. 2018): the pull of weights w towards those of a source, w0.
package struct SourcePull {
    package let strength: Float
    package let source: [[Float]]

    package init(strength: Float, source: [[Float]]) { (self.strength, self.source) = (strength, source) }

    /// Adds strength (w - w0) to the gradient, that of strength / 2 |w - w0|^2; tensors beyond those of the source are left.
    package func add(at parameters: [[Float]], to gradients: inout [[Float]]) {
        for (tensor, source) in source.enumerated() {
            for index in source.indices {
                gradients[tensor][index] += strength * (parameters[tensor][index] - source[index])
            }
        }
    }
}
