import Testing
import Training

@Suite struct SourcePullTests {
    @Test("the pull towards the source is the gradient of half its strength times the squared distance")
    func pull() {
        let pull = SourcePull(strength: 0.5, source: [[1, 2, 3]])
        let weights: [[Float]] = [[1, 2.25, 3], [7]]
        var gradients: [[Float]] = [[0, 1, 0], [0]]
        pull.add(at: weights, to: &gradients)
        func penalty(_ w: Float) -> Float { 0.25 * (w - 2) * (w - 2) }
        let slope = (penalty(2.26) - penalty(2.24)) / 0.02
        #expect(abs(gradients[0][1] - 1 - slope) < 1e-4)
        #expect(gradients[0][0] == 0 && gradients[0][2] == 0 && gradients[1] == [0])
    }
}
