import Features
import Networks

extension AcousticModel {
    /// The same model on cepstral coefficients: MFCC, as many as there are bands, without a lifter.
    ///
    /// The cosine transform C of as many coefficients as bands is a rotation, so nothing is lost by it. With y = C (x - mean)
    /// for the log-mel energies x, and what reads s (x - mean) by weights W,
    ///
    ///     W diag(s) (x - mean) = W diag(s) C^T y = W' t y,    W' = W diag(s) C^T / t
    ///
    /// for each frame of a step; t is one factor for all coefficients, which leaves W' as large as W. Posteriors are equal up
    /// to rounding.
    /// - Returns: nil where the features are no log-mel energies, or an energy is among them.
    public func onCepstra() -> AcousticModel? {
        var options = frontEnd.options
        guard options.kind == .fbank, !options.usesEnergy else { return nil }
        (options.kind, options.coefficients, options.lifter) = (.mfcc, options.melBands, 0)
        guard let transform = InverseCepstralTransform(options) else { return nil }
        let bands = options.melBands
        let scale = frontEnd.scale.map(Double.init)
        let factor = scale.isEmpty ? 1 : (scale.reduce(0) { $0 + $1 * $1 } / Double(bands)).squareRoot()
        let columns = (0..<bands).map { band in
            let scale = scale.isEmpty || factor == 0 ? 1 : scale[band] / factor
            return (0..<bands).map { scale * Double(transform.inverse[band * bands + $0]) }
        }
        func folded(_ weight: Matrix) -> Matrix {
            var values: [Float] = []
            values.reserveCapacity(weight.values.count)
            var sums = [Double](repeating: 0, count: bands)
            for start in Swift.stride(from: 0, to: weight.values.count, by: bands) {
                for index in sums.indices { sums[index] = 0 }
                for band in 0..<bands {
                    let value = Double(weight.values[start + band])
                    for coefficient in 0..<bands { sums[coefficient] += value * columns[band][coefficient] }
                }
                values += sums.map { Float($0) }
            }
            return Matrix(rows: weight.rows, columns: weight.columns, values: values)
        }
        let frontEnd = FrontEnd(
            options: options, normalisation: frontEnd.normalisation,
            scale: scale.isEmpty ? [] : [Float](repeating: Float(factor), count: bands), stack: frontEnd.stack,
            stride: frontEnd.stride, range: frontEnd.range, padding: frontEnd.padding)
        return replacing(frontEnd, encoder.changingInputs { (folded($0), $1) })
    }

    /// The same weights behind another front end that makes steps of the same size.
    /// - Parameter offset: what the steps of this front end are above those of the other, one number for each coefficient: the
    ///   biases of what reads the steps take it up. Empty for none.
    /// - Precondition: steps of the same size, an offset of one number for each coefficient.
    public func behind(_ frontEnd: FrontEnd, offset: [Float] = []) -> AcousticModel {
        precondition(frontEnd.stepDimension == self.frontEnd.stepDimension)
        precondition(offset.isEmpty || offset.count == frontEnd.options.dimension)
        guard offset.contains(where: { $0 != 0 }) else { return replacing(frontEnd, encoder) }
        return replacing(
            frontEnd,
            encoder.changingInputs { weight, bias in
                let sums = bias.indices.map { row in
                    var sum = Double(bias[row])
                    for column in 0..<weight.columns {
                        sum += Double(weight[row, column]) * Double(offset[column % offset.count])
                    }
                    return Float(sum)
                }
                return (weight, sums)
            })
    }

    private func replacing(_ frontEnd: FrontEnd, _ encoder: RecurrentNetwork) -> AcousticModel {
        var model = self
        model.frontEnd = frontEnd
        model.encoder = encoder
        return model
    }
}

extension RecurrentNetwork {
    /// The network with other weights and biases where it reads the steps.
    fileprivate func changingInputs(_ change: (Matrix, [Float]) -> (Matrix, [Float])) -> RecurrentNetwork {
        if let convolution {
            let (weight, bias) = change(convolution.linear.weight, convolution.linear.bias)
            return RecurrentNetwork(
                convolution: StepConvolution(linear: Linear(weight: weight, bias: bias), frames: convolution.frames),
                layers: layers)
        }
        let lowest = RecurrentLayer(
            cell: layers[0].cell,
            directions: layers[0].directions.map { direction in
                let (weight, bias) = change(direction.input, direction.inputBias)
                return RecurrentWeights(
                    input: weight, recurrent: direction.recurrent, inputBias: bias,
                    recurrentBias: direction.recurrentBias)
            })
        return RecurrentNetwork(convolution: nil, layers: [lowest] + layers.dropFirst())
    }
}
