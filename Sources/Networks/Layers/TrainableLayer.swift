/// A layer with weights to learn.
///
/// A layer is a value that holds its weights. Beside its `forward` stands a
///
///     backward(_ dy: Matrix, input x: Matrix, [saved], gradient: inout Gradient) -> Matrix
///
/// that takes the gradient of the loss with respect to the output and the input that gave it, *adds* the gradient with
/// respect to the weights to `gradient` (so that shards of a batch, or steps of accumulation, need no sum of their own)
/// and returns the gradient with respect to the input. A layer that must remember more than its input has a
/// `forwardTraining`, which returns it as `saved`. Nothing is kept inside the layer: any number of threads may use one.
public protocol TrainableLayer: Sendable {
    /// The gradient with respect to the weights.
    associatedtype Gradient: LayerGradient
    /// The weights, a tensor each, in a fixed order.
    var parameters: [[Float]] { get set }
    /// Gives the weights away, so that whoever takes them has the only copy. Until ``parameters`` are set again, the
    /// layer is of no use. See ``updateParameters(_:)``.
    mutating func takeParameters() -> [[Float]]
    /// A gradient of zeros.
    func zeroGradient() -> Gradient
}

extension TrainableLayer {
    /// Changes the weights where they lie, as a step of an optimiser does: nothing is copied unless another copy of the
    /// layer holds them too.
    /// - Parameter body: is given ``parameters``, and must leave them of their sizes.
    public mutating func updateParameters<Result>(_ body: (inout [[Float]]) throws -> Result) rethrows -> Result {
        var tensors = takeParameters()
        defer { parameters = tensors }
        return try body(&tensors)
    }

    /// For layers of few weights: they keep them, and the change is made to a copy.
    public mutating func takeParameters() -> [[Float]] { parameters }
}

/// The gradient of a loss with respect to the weights of a layer: a tensor for each of its parameters, of its shape.
public protocol LayerGradient: Sendable, Equatable {
    /// The tensors, in the order of the layer's ``TrainableLayer/parameters``.
    var tensors: [[Float]] { get set }
}

extension LayerGradient {
    /// Adds the gradient of another shard of the batch.
    public static func += (sum: inout Self, shard: Self) {
        let others = shard.tensors
        precondition(sum.tensors.map(\.count) == others.map(\.count), "gradients of two different layers")
        sum.tensors = zip(sum.tensors, others).map { mine, others in zip(mine, others).map { $0 + $1 } }
    }
}

/// The gradient of a layer with a weight matrix and a bias for each of its rows.
public struct MatrixGradient: LayerGradient {
    /// dL/dW, of the weight's shape.
    public var weight: Matrix
    /// dL/db.
    public var bias: [Float]

    init(like weight: Matrix) {
        self.weight = Matrix(rows: weight.rows, columns: weight.columns)
        bias = [Float](repeating: 0, count: weight.rows)
    }

    /// Weight, bias.
    public var tensors: [[Float]] {
        get { [weight.values, bias] }
        set {
            weight = Matrix(rows: weight.rows, columns: weight.columns, values: newValue[0])
            bias = newValue[1]
        }
    }
}

extension Matrix {
    /// The sum of each column, in double precision: a batch has thousands of rows.
    func columnSums() -> [Double] {
        var sums = [Double](repeating: 0, count: columns)
        withUnsafeBufferPointer { values in
            sums.withUnsafeMutableBufferPointer { sums in
                for row in 0..<rows {
                    for column in 0..<columns { sums[column] += Double(values[row * columns + column]) }
                }
            }
        }
        return sums
    }
}

/// total += addends, element by element.
func add(_ addends: [Double], to total: inout [Float]) {
    for index in total.indices { total[index] += Float(addends[index]) }
}
