import Networks

extension RecurrentNetwork {
    /// The names of `parameters` as PyTorch gives them: `weight_ih_l0`, ..., `bias_hh_l0_reverse`.
    var parameterNames: [String] {
        (convolution == nil ? [] : ["convolution.weight", "convolution.bias"])
            + layers.enumerated().flatMap { index, layer in
                ["", "_reverse"].prefix(layer.directions.count).flatMap { direction in
                    ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map { "\($0)_l\(index)\(direction)" }
                }
            }
    }
}
