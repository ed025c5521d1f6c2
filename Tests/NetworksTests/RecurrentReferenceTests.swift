import Foundation
import Networks
import TensorFiles
import TestSupport
import Testing
import VectorKernels

/// A case of `rnn.safetensors`: `<cell>.<uni|bi>.L<layers>.B<batch>.` and perhaps more.
private struct RecurrentCase {
    let reference: Reference
    let name: String
    let cell: RecurrentCell
    let directions: Int
    let layers: Int
    let lengths: [Int]

    init(_ name: String, in reference: Reference) throws {
        self.reference = reference
        self.name = name
        let parts = name.split(separator: ".").map(String.init)
        cell = try #require(RecurrentCell(rawValue: parts[0].replacingOccurrences(of: "rnn_", with: "")))
        directions = parts[1] == "bi" ? 2 : 1
        layers = try #require(Int(parts[2].dropFirst()))
        lengths = try reference.integers(name + ".lengths")
    }

    func matrix(_ key: String) throws -> Matrix {
        let tensor = try reference.tensor("\(name).\(key)")
        return Matrix(rows: tensor.shape[0], columns: tensor.shape[1], values: tensor.values)
    }

    func network(on kernels: VectorKernels) throws -> RecurrentNetwork {
        RecurrentNetwork(
            layers: try (0..<layers).map { layer in
                let weights = try ["", "_reverse"].prefix(directions).map { suffix in
                    try RecurrentWeights(
                        input: matrix("weight_ih_l\(layer)\(suffix)"),
                        recurrent: matrix("weight_hh_l\(layer)\(suffix)"),
                        inputBias: reference.values("\(name).bias_ih_l\(layer)\(suffix)"),
                        recurrentBias: reference.values("\(name).bias_hh_l\(layer)\(suffix)"))
                }
                return RecurrentLayer(cell: cell, directions: weights, kernels: kernels)
            })
    }

    /// The rows of a [batch, steps, features] array that are no padding.
    func sequences(_ key: String) throws -> [Matrix] {
        let tensor = try reference.tensor("\(name).\(key)")
        let (steps, features) = (tensor.shape[1], tensor.shape[2])
        return lengths.indices.map { index in
            let start = index * steps * features
            return Matrix(
                rows: lengths[index], columns: features,
                values: Array(tensor.values[start..<start + lengths[index] * features]))
        }
    }

    /// A [layers * directions, batch, hidden] array.
    func state(_ key: String) throws -> [Matrix] {
        let tensor = try reference.tensor("\(name).\(key)")
        let size = tensor.shape[1] * tensor.shape[2]
        return (0..<tensor.shape[0]).map {
            Matrix(
                rows: tensor.shape[1], columns: tensor.shape[2],
                values: Array(tensor.values[$0 * size..<($0 + 1) * size]))
        }
    }
}

private func sumOfProducts(_ a: [Matrix], _ b: [Matrix]) -> Double {
    zip(a, b).reduce(0) { sum, pair in
        sum + zip(pair.0.values, pair.1.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
}

@Suite(.enabled(if: Folders.reference != nil, Comment(rawValue: Folders.referenceIsMissing)))
struct RecurrentReferenceTests {
    @Test("outputs, final states and loss agree with PyTorch, on every instruction set", arguments: [1, 2])
    func agreesWithPyTorch(threads: Int) throws {
        let reference = try Reference("rnn")
        let names = reference.cases(endingWith: ".y")
        try #require(!names.isEmpty)
        for name in names {
            let item = try RecurrentCase(name, in: reference)
            let initial = RecurrentState(
                hidden: try item.state("h0"), cell: item.cell == .lstm ? try item.state("c0") : [])
            for kernels in VectorKernels.available {
                let comment = Comment(rawValue: "\(name) on \(kernels.name)")
                let result = try item.network(on: kernels).forward(
                    SequenceBatch(item.sequences("x")), initial: initial, threads: threads)
                let outputs = result.output.sequences
                for (ours, theirs) in zip(outputs, try item.sequences("y")) {
                    #expect(largestDifference(ours.values, theirs.values) < 1e-5, comment)
                }
                for (ours, theirs) in zip(result.final.hidden, try item.state("h_n")) {
                    #expect(largestDifference(ours.values, theirs.values) < 1e-5, comment)
                }
                var loss = try sumOfProducts(outputs, item.sequences("wy"))
                loss += try sumOfProducts(result.final.hidden, item.state("wh"))
                if item.cell == .lstm {
                    #expect(result.final.cell.count == item.layers * item.directions)
                    for (ours, theirs) in zip(result.final.cell, try item.state("c_n")) {
                        #expect(largestDifference(ours.values, theirs.values) < 1e-5, comment)
                    }
                    loss += try sumOfProducts(result.final.cell, item.state("wc"))
                }
                #expect(try abs(loss - Double(reference.values(name + ".loss")[0])) < 1e-3, comment)
            }
        }
    }

    @Test("all gradients agree with PyTorch, on every instruction set", arguments: [1, 2])
    func gradientsAgreeWithPyTorch(threads: Int) throws {
        let reference = try Reference("rnn")
        let names = reference.cases(endingWith: ".y")
        try #require(!names.isEmpty)
        for name in names {
            let item = try RecurrentCase(name, in: reference)
            let isLSTM = item.cell == .lstm
            let initial = RecurrentState(hidden: try item.state("h0"), cell: isLSTM ? try item.state("c0") : [])
            let dFinal = RecurrentState(hidden: try item.state("wh"), cell: isLSTM ? try item.state("wc") : [])
            let (x, dy) = (SequenceBatch(try item.sequences("x")), SequenceBatch(try item.sequences("wy")))
            for kernels in VectorKernels.available {
                let comment = Comment(rawValue: "\(name) on \(kernels.name)")
                let network = try item.network(on: kernels)
                let result = network.forwardTraining(x, initial: initial, threads: threads)
                #expect(result.output == network.forward(x, initial: initial, threads: threads).output, comment)
                var gradient = network.zeroGradient()
                let back = network.backward(
                    dy, final: dFinal, input: x, saved: result.saved, gradient: &gradient, threads: threads)
                func check(_ ours: [Matrix], _ theirs: [Matrix]) {
                    #expect(relativeDifference(ours.flatMap(\.values), theirs.flatMap(\.values)) < 1e-5, comment)
                }
                check(back.input.sequences, try item.sequences("grad.x"))
                check(back.initial.hidden, try item.state("grad.h0"))
                if isLSTM { check(back.initial.cell, try item.state("grad.c0")) }
                #expect(network.parameterNames.count == gradient.tensors.count)
                for (key, tensor) in zip(network.parameterNames, gradient.tensors) {
                    let theirs = try reference.values("\(name).grad.\(key)")
                    #expect(relativeDifference(tensor, theirs) < 1e-5, "\(name) \(key) on \(kernels.name)")
                }
            }
        }
    }
}
