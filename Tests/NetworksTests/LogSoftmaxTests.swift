import Foundation
import Networks
import TestSupport
import Testing

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
