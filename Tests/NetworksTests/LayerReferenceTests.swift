import Networks
import TensorFiles
import TestSupport
import Testing

/// The loss of every case is the sum of y * wy, so that wy is the gradient with respect to y.
@Suite(.enabled(if: Folders.reference != nil, Comment(rawValue: Folders.referenceIsMissing)))
struct LayerReferenceTests {
    private let reference: Reference

    init() throws { reference = try Reference("layers") }

    /// The names of the cases of a layer; at least one.
    private func cases(_ prefix: String) throws -> [String] {
        let names = reference.cases(endingWith: ".y").filter { $0.hasPrefix(prefix) }
        try #require(!names.isEmpty)
        return names
    }

    private func expect(
        _ ours: some Collection<Float>, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(
            try relativeDifference(ours, reference.values(name)) < 1e-5, Comment(rawValue: name),
            sourceLocation: sourceLocation)
    }

    /// An array as rows of its last axes, from `axis` on.
    private func rows(_ name: String, from axis: Int? = nil) throws -> Matrix {
        let tensor = try reference.tensor(name)
        let columns = tensor.shape[(axis ?? tensor.shape.count - 1)...].reduce(1, *)
        return Matrix(rows: tensor.values.count / columns, columns: columns, values: tensor.values)
    }

    /// An array [N, C, T] as N sequences [T, C], or [N, C] as one sequence [N, C].
    private func sequences(_ name: String) throws -> [Matrix] {
        let tensor = try reference.tensor(name)
        guard tensor.shape.count == 3 else { return [try rows(name)] }
        let (channels, steps) = (tensor.shape[1], tensor.shape[2])
        return (0..<tensor.shape[0]).map { sample in
            Matrix(
                rows: steps, columns: channels,
                values: (0..<steps * channels).map { index in
                    tensor.values[(sample * channels + index % channels) * steps + index / channels]
                })
        }
    }

    /// The inverse of `sequences`, flat.
    private func channelsFirst(_ sequences: [Matrix], like name: String) throws -> [Float] {
        guard try reference.tensor(name).shape.count == 3 else { return sequences.flatMap(\.values) }
        return sequences.flatMap { sequence in
            (0..<sequence.columns).flatMap { channel in (0..<sequence.rows).map { sequence[$0, channel] } }
        }
    }

    /// The numbers after a letter in the name of a case: `p2x3` is [2, 3], `s2` is [2].
    private func numbers(_ letter: Character, in name: String) -> [Int]? {
        name.split(separator: "_").dropFirst().first { $0.first == letter }.map {
            $0.dropFirst().split(separator: "x").compactMap { Int($0) }
        }
    }

    private func axis(_ index: Int, of kernel: [Int], in name: String) -> ConvolutionAxis {
        func number(_ letter: Character, default value: Int) -> Int {
            numbers(letter, in: name).map { $0.count > index ? $0[index] : $0[0] } ?? value
        }
        return ConvolutionAxis(
            kernel: kernel[index], stride: number("s", default: 1), padding: number("p", default: 0),
            dilation: number("d", default: 1))
    }

    @Test("Linear and its gradients agree with PyTorch")
    func linear() throws {
        for name in try cases("linear") {
            let layer = Linear(weight: try rows(name + ".weight"), bias: try reference.values(name + ".bias"))
            let x = try rows(name + ".x")
            try expect(layer.forward(x).values, name + ".y")
            var gradient = layer.zeroGradient()
            try expect(layer.backward(rows(name + ".wy"), input: x, gradient: &gradient).values, name + ".grad.x")
            try expect(gradient.weight.values, name + ".grad.weight")
            try expect(gradient.bias, name + ".grad.bias")
        }
    }

    @Test("BatchNorm with the statistics of training agrees with PyTorch")
    func batchNorm() throws {
        for name in try cases("batchnorm").filter({ $0.contains("eval") }) {
            let layer = BatchNorm(
                weight: try reference.values(name + ".weight"), bias: try reference.values(name + ".bias"),
                runningMean: try reference.values(name + ".running_mean"),
                runningVariance: try reference.values(name + ".running_var"))
            try expect(
                channelsFirst(sequences(name + ".x").map(layer.forward), like: name + ".x"), name + ".y")
        }
    }

    @Test("Conv2d agrees with PyTorch")
    func conv2d() throws {
        for name in try cases("conv2d") {
            let kernel = Array(try reference.tensor(name + ".weight").shape[2...])
            let layer = Conv2d(
                weight: try rows(name + ".weight", from: 1), bias: try reference.values(name + ".bias"),
                vertical: axis(0, of: kernel, in: name), horizontal: axis(1, of: kernel, in: name))
            let width = try reference.tensor(name + ".x").shape[3]
            let inputs = try images(name + ".x")
            try expect(inputs.flatMap { layer.forward($0, width: width).values }, name + ".y")
        }
    }

    /// An array [N, C, H, W] as N images [C, H * W].
    private func images(_ name: String) throws -> [Matrix] {
        let tensor = try reference.tensor(name)
        let (channels, pixels) = (tensor.shape[1], tensor.shape[2] * tensor.shape[3])
        return (0..<tensor.shape[0]).map {
            let start = $0 * channels * pixels
            return Matrix(
                rows: channels, columns: pixels, values: Array(tensor.values[start..<start + channels * pixels]))
        }
    }
}
