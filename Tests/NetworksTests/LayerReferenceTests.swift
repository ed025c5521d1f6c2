import Foundation
import Networks
import TestSupport
import Testing

/// "rel" of the reference: the largest difference over the largest magnitude.
private func relativeDifference(_ ours: [Float], _ theirs: [Float]) -> Float {
    largestDifference(ours, theirs) / (theirs.map(abs).max() ?? 1)
}

@Suite(.enabled(if: Folders.reference != nil, Comment(rawValue: Folders.referenceIsMissing)))
struct LayerReferenceTests {
    private let reference: Reference

    init() throws { reference = try Reference("layers") }

    /// The array as rows of its last axis.
    private func rows(_ name: String) throws -> Matrix {
        let tensor = try reference.tensor(name)
        let columns = try #require(tensor.shape.last)
        return Matrix(rows: tensor.values.count / columns, columns: columns, values: tensor.values)
    }

    /// An array [N, C] or [N, C, T] as rows of C features, the step running faster than the sample.
    private func channelsLast(_ name: String) throws -> Matrix {
        let tensor = try reference.tensor(name)
        let (samples, channels) = (tensor.shape[0], tensor.shape[1])
        let steps = tensor.shape.count == 3 ? tensor.shape[2] : 1
        return Matrix(
            rows: samples * steps, columns: channels,
            values: (0..<samples * steps).flatMap { row in
                (0..<channels).map { tensor.values[(row / steps * channels + $0) * steps + row % steps] }
            })
    }

    @Test("Linear agrees with PyTorch")
    func linear() throws {
        let names = reference.cases(endingWith: ".y").filter { $0.hasPrefix("linear") }
        try #require(!names.isEmpty)
        for name in names {
            let layer = Linear(weight: try rows(name + ".weight"), bias: try reference.values(name + ".bias"))
            let y = layer.forward(try rows(name + ".x")).values
            #expect(try relativeDifference(y, reference.values(name + ".y")) < 1e-5)
        }
    }

    @Test("LayerNorm agrees with PyTorch")
    func layerNorm() throws {
        let names = reference.cases(endingWith: ".y").filter { $0.hasPrefix("layernorm") }
        try #require(!names.isEmpty)
        for name in names {
            let layer = LayerNorm(
                weight: try reference.values(name + ".weight"), bias: try reference.values(name + ".bias"))
            let y = layer.forward(try rows(name + ".x")).values
            #expect(try relativeDifference(y, reference.values(name + ".y")) < 1e-5)
        }
    }

    @Test("BatchNorm in evaluation agrees with PyTorch")
    func batchNorm() throws {
        let names = reference.cases(endingWith: ".y").filter { $0.hasPrefix("batchnorm") && $0.contains("eval") }
        try #require(!names.isEmpty)
        for name in names {
            let layer = BatchNorm(
                weight: try reference.values(name + ".weight"), bias: try reference.values(name + ".bias"),
                runningMean: try reference.values(name + ".running_mean"),
                runningVariance: try reference.values(name + ".running_var"))
            let y = layer.forward(try channelsLast(name + ".x"))
            #expect(try relativeDifference(y.values, channelsLast(name + ".y").values) < 1e-5)
        }
    }
}

@Suite struct LogSoftmaxTests {
    @Test("log-softmax equals its definition, for any number of classes", arguments: [1, 2, 15, 16, 17, 29, 100])
    func equalsDefinition(classes: Int) {
        var generator = SeededGenerator(seed: 9)
        let scores = (0..<3 * classes).map { _ in generator.uniform() * 30 }
        var matrix = Matrix(rows: 3, columns: classes, values: scores)
        matrix.applyLogSoftmax()
        for row in 0..<3 {
            let x = scores[row * classes..<(row + 1) * classes].map(Double.init)
            let largest = x.max() ?? 0
            let sum = largest + log(x.reduce(0) { $0 + exp($1 - largest) })
            #expect(largestDifference(matrix.row(row), x.map { Float($0 - sum) }) < 1e-5)
        }
    }
}
