import AcousticModel
import Foundation
import TestSupport
import Testing

@Suite struct PooledScoresTests {
    private static let columns = 4
    private let steps: [Float] = {
        var generator = SeededGenerator(seed: 3)
        return (0..<5 * Self.columns).map { _ in 2 * generator.uniform() }
    }()

    private func loss(_ steps: [Float], label: Int, smoothing: Float) -> Double {
        // Written anew, in double precision.
        let columns = Self.columns
        let count = steps.count / columns
        let a = (0..<count).map { exp(Double(steps[$0 * columns + columns - 1])) }
        let sum = a.reduce(0, +)
        let z = (0..<columns - 1).map { column in
            (0..<count).reduce(0.0) { $0 + a[$1] / sum * Double(steps[$1 * columns + column]) }
        }
        let logSum = log(z.reduce(0) { $0 + exp($1) })
        return -z.indices.reduce(0.0) { total, column in
            let target = Double(smoothing) / Double(z.count) + (column == label ? 1 - Double(smoothing) : 0)
            return total + target * (z[column] - logSum)
        }
    }

    @Test("the gradient of every step is that of finite differences", arguments: [Float(0), 0.1])
    func gradient(smoothing: Float) {
        var gradient = steps
        let value = gradient.withUnsafeMutableBufferPointer { buffer in
            PooledScores(steps: UnsafeBufferPointer(buffer), columns: Self.columns)
                .backward(label: 1, smoothing: smoothing, weight: 2, steps: buffer)
        }
        #expect(abs(value - loss(steps, label: 1, smoothing: smoothing)) < 1e-5)
        for index in steps.indices {
            let step: Float = 1e-2
            var (up, down) = (steps, steps)
            up[index] += step
            down[index] -= step
            let slope =
                2 * (loss(up, label: 1, smoothing: smoothing) - loss(down, label: 1, smoothing: smoothing))
                / Double(up[index] - down[index])
            #expect(abs(Double(gradient[index]) - slope) < 1e-3, "element \(index)")
        }
    }

    @Test("with equal weights the scores are the mean over time; a step that weighs all decides alone")
    func weights() {
        let plain: [Float] = [1, 2, 0, 3, 6, 0]
        let mean = plain.withUnsafeBufferPointer { PooledScores(steps: $0, columns: 3) }
        #expect(mean.scores == [2, 4] && mean.weights == [0.5, 0.5])
        let sure: [Float] = [1, 2, 50, 3, 6, -50]
        let first = sure.withUnsafeBufferPointer { PooledScores(steps: $0, columns: 3) }
        #expect(first.scores == [1, 2])
        #expect(abs(first.logProbabilities.reduce(0) { $0 + exp($1) } - 1) < 1e-6)
    }
}
