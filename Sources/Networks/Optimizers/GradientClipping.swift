import VectorKernels

/// Clipping by the global norm (Pascanu et al. 2013; PyTorch's `clip_grad_norm_`): all tensors together, as one vector g,
/// are multiplied by min(1, maximum / (|g| + 1e-6)).
public enum GradientClipping {
    /// The norm of all tensors as one vector, in double precision; not finite only where an element is not, or where the
    /// norm is beyond float32.
    /// - Parameter threads: at most this many run at once; the result does not depend on it.
    public static func norm(of gradients: some Sequence<[Float]>, threads: Int = 1) -> Double {
        let gradients = Array(gradients)
        let squares = Parallel.map(gradients.count, threads: threads) { index in
            gradients[index].withUnsafeBufferPointer {
                VectorKernels.best.table.pointee.squares($0.baseAddress, $0.count)
            }
        }
        let norm = squares.reduce(0, +).squareRoot()
        return norm > Double(Float.greatestFiniteMagnitude) ? .infinity : norm
    }

    /// The share of a gradient of some norm that clipping leaves: 1 where nothing is clipped.
    public static func share(norm: Double, maximum: Double?) -> Double {
        guard let maximum, norm.isFinite else { return 1 }
        return min(1, maximum / (norm + 1e-6))
    }

    /// Clips gradients in place. Where their norm is not finite they are left as they are: no factor mends them.
    /// - Returns: the norm before clipping, and the share of it that is left.
    @discardableResult
    public static func clip(_ gradients: inout [[Float]], maximum: Double) -> (norm: Double, share: Double) {
        let norm = norm(of: gradients)
        let share = share(norm: norm, maximum: maximum)
        if share < 1 {
            let factor = Float(share)
            for index in gradients.indices {
                gradients[index].withUnsafeMutableBufferPointer { gradient in
                    for element in gradient.indices { gradient[element] *= factor }
                }
            }
        }
        return (norm, share)
    }
}
