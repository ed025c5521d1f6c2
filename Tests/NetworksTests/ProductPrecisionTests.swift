import Networks
import TestSupport
import Testing
import VectorKernels

/// Products in bfloat16, where the processor has them: what they are of the rounded factors, and what training sees.
@Suite(.enabled(if: ProductPrecision.hasBFloat16, "this processor has no products in bfloat16"))
struct ProductPrecisionTests {
    /// To the nearest number of 8 bits of significand, ties to even.
    private func rounded(_ value: Float) -> Float {
        let bits = value.bitPattern
        return Float(bitPattern: (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000)
    }

    private func numbers(_ count: Int, _ generator: inout SeededGenerator) -> [Float] {
        (0..<count).map { _ in generator.uniform() }
    }

    private func matrix(_ rows: Int, _ columns: Int, _ scale: Float, _ generator: inout SeededGenerator) -> Matrix {
        Matrix(rows: rows, columns: columns, values: numbers(rows * columns, &generator).map { $0 * scale })
    }

    @Test(
        "a product is that of the rounded factors, to float32's precision, of any shape and lie",
        arguments: [
            (1, 1, 1), (14, 32, 2), (15, 33, 3), (13, 31, 255), (28, 64, 256), (29, 65, 257), (230, 17, 31),
            (5, 1030, 514), (3, 16, 48),
        ])
    func equalsProductOfRounded(m: Int, n: Int, k: Int) {
        var generator = SeededGenerator(seed: UInt64(m * 1_000_000 + n * 1000 + k))
        let (extraA, extraB, extraC) = (3, 5, 2)
        // Tile registers, where the processor has them too.
        let multiplications =
            [utter_multiply_bfloat16] + (utter_has_bfloat16_tiles() != 0 ? [utter_multiply_bfloat16_tiles] : [])
        let lies = [(false, false, false), (true, false, true), (false, true, true), (true, true, false)]
        for (multiply, (transposedA, transposedB, adds)) in multiplications.flatMap({ multiply in
            lies.map { (multiply, $0) }
        }) {
            let strideA = (transposedA ? m : k) + extraA
            let strideB = (transposedB ? k : n) + extraB
            let strideC = n + extraC
            let a = numbers((transposedA ? k : m) * strideA, &generator)
            let b = numbers((transposedB ? n : k) * strideB, &generator)
            let before = numbers(m * strideC, &generator)
            var c = before
            let isDone = a.withUnsafeBufferPointer { a in
                b.withUnsafeBufferPointer { b in
                    c.withUnsafeMutableBufferPointer { c in
                        var product = utter_bfloat16_product(
                            m: Int32(m), n: Int32(n), k: Int32(k), a: a.baseAddress, a_stride: strideA,
                            a_is_transposed: transposedA ? 1 : 0, b: b.baseAddress, b_stride: strideB,
                            b_is_transposed: transposedB ? 1 : 0, c: c.baseAddress, c_stride: strideC,
                            adds: adds ? 1 : 0)
                        return multiply(&product)
                    }
                }
            }
            #expect(isDone == 1)
            var worst = 0.0
            for row in 0..<m {
                for column in 0..<n {
                    var sum = adds ? Double(before[row * strideC + column]) : 0
                    for index in 0..<k {
                        let left = a[transposedA ? index * strideA + row : row * strideA + index]
                        let right = b[transposedB ? column * strideB + index : index * strideB + column]
                        sum += Double(rounded(left)) * Double(rounded(right))
                    }
                    worst = max(worst, abs(sum - Double(c[row * strideC + column])))
                }
                // What lies between the rows stays.
                for column in n..<strideC { #expect(c[row * strideC + column] == before[row * strideC + column]) }
            }
            #expect(worst < 2e-6 * Double(k).squareRoot() + 1e-6, "\(m) \(n) \(k) \(transposedA) \(transposedB)")
        }
    }

    @Test("a network's outputs and gradients are near those in float32, the same on any number of threads")
    func nearSingle() throws {
        var generator = SeededGenerator(seed: 11)
        let network = RecurrentNetwork(layers: [
            RecurrentLayer(cell: .lstm, directions: weights(inputs: 40, hidden: 32, gates: 4, &generator)),
            RecurrentLayer(cell: .gru, directions: weights(inputs: 64, hidden: 32, gates: 3, &generator)),
        ])
        let x = SequenceBatch([90, 70, 41].map { matrix($0, 40, 1, &generator) })
        func learn(_ precision: ProductPrecision, threads: Int) -> (output: [Float], gradient: [[Float]]) {
            let (output, _, saved) = network.forwardTraining(x, precision: precision, threads: threads)
            var gradient = network.zeroGradient()
            network.backwardToWeights(output, input: x, saved: saved, gradient: &gradient, threads: threads)
            return (output.values.values, gradient.tensors)
        }
        let (single, half) = (learn(.single, threads: 1), learn(.bfloat16, threads: 1))
        let twice = learn(.bfloat16, threads: 2)
        #expect(half.output == twice.output && half.gradient == twice.gradient)
        #expect(half.output != single.output)
        #expect(relativeDifference(half.output, single.output) < 0.01)
        for (ours, exact) in zip(half.gradient, single.gradient) {
            #expect(relativeDifference(ours, exact) < 0.02)
        }
    }

    private func weights(inputs: Int, hidden: Int, gates: Int, _ generator: inout SeededGenerator) -> [RecurrentWeights]
    {
        (0..<2).map { _ in
            RecurrentWeights(
                input: matrix(gates * hidden, inputs, 0.2, &generator),
                recurrent: matrix(gates * hidden, hidden, 0.2, &generator),
                inputBias: numbers(gates * hidden, &generator), recurrentBias: numbers(gates * hidden, &generator))
        }
    }
}
