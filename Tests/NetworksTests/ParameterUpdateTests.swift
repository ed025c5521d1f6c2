import Networks
import TestSupport
import Testing

@Suite struct ParameterUpdateTests {
    private func network() -> RecurrentNetwork {
        RecurrentNetwork(
            layers: (0..<2).map { layer in
                let inputs = layer == 0 ? 3 : 10
                return RecurrentLayer(
                    cell: .lstm,
                    directions: (0..<2).map { direction in
                        let seed = UInt64(10 * layer + direction)
                        return RecurrentWeights(
                            input: Matrix(rows: 20, columns: inputs, values: random(20 * inputs, seed: seed)),
                            recurrent: Matrix(rows: 20, columns: 5, values: random(100, seed: seed + 100)),
                            inputBias: random(20, seed: seed + 200), recurrentBias: random(20, seed: seed + 300))
                    })
            })
    }

    private let x = SequenceBatch([Matrix(rows: 4, columns: 3, values: random(12, seed: 1))])

    /// Where the elements of the large tensors lie.
    private func places(_ tensors: [[Float]]) -> [UnsafePointer<Float>?] {
        tensors.map { $0.withUnsafeBufferPointer { $0.baseAddress } }
    }

    @Test("changed weights are those that the next pass runs with")
    func changes() {
        var changed = network()
        let before = changed.forward(x).output
        changed.updateParameters { $0 = $0.map { $0.map { $0 / 2 } } }
        var set = network()
        set.parameters = set.parameters.map { $0.map { $0 / 2 } }
        #expect(changed.parameters == set.parameters)
        #expect(changed.forward(x).output == set.forward(x).output)
        #expect(changed.forward(x).output != before)
        #expect(changed.forwardTraining(x).output == set.forwardTraining(x).output)
    }

    @Test("weights that nobody else holds are changed where they lie, before and after a pass")
    func changesInPlace() {
        var (network, head) = (network(), Linear(weight: Matrix(rows: 2, columns: 2, repeating: 1), bias: [0, 0]))
        let before = places(network.parameters) + places([head.weight.values])
        for _ in 0..<2 {
            network.updateParameters { for index in $0.indices where $0[index].count > 20 { $0[index][0] += 1 } }
            head.updateParameters { $0[0][0] += 1 }
            let after = places(network.parameters) + places([head.weight.values])
            // The biases, of 20 elements, may be copied.
            for (index, tensor) in (network.parameters + [head.weight.values]).enumerated() where tensor.count != 20 {
                #expect(after[index] == before[index])
            }
            _ = network.forwardTraining(x)
        }
        #expect(head.weight[0, 0] == 3)
    }

    @Test("another copy of a layer keeps the weights that it had")
    func copies() {
        var changed = network()
        let copy = changed
        let (before, output) = (copy.parameters, copy.forward(x).output)
        changed.updateParameters { $0 = $0.map { $0.map { -$0 } } }
        changed.updateParameters { $0[0][0] = 7 }
        #expect(copy.parameters == before && copy.forward(x).output == output)
        #expect(changed.parameters != before)
    }

    @Test("where the change throws, the layer has weights all the same")
    func throwing() {
        struct Stop: Error {}
        var network = network()
        let before = network.parameters
        #expect(throws: Stop.self) { try network.updateParameters { _ in throw Stop() } }
        #expect(network.parameters == before)
    }
}
