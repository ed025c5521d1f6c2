import Foundation
import Networks
import TestSupport
import Testing
import Training

@Suite struct LongRangeTests {
    private func experiment(updates: Int = 2, steps: Int = 20) -> LongRangeExperiment {
        var experiment = LongRangeExperiment()
        experiment.task = RememberingTask(steps: steps, symbols: 4)
        experiment.hidden = 16
        experiment.updates = updates
        experiment.batch = 16
        return experiment
    }

    @Test("a batch has one symbol in each step: the first is the target, the others mean nothing")
    func task() {
        let task = RememberingTask(steps: 7, symbols: 3)
        var generator = SplitMix64(seed: 4)
        let (x, targets) = task.batch(of: 50, from: &generator)
        #expect(Set(targets) == [0, 1, 2] && x.layout.lengths == [Int](repeating: 7, count: 50))
        for (sequence, target) in zip(x.sequences, targets) {
            for step in 0..<7 {
                let row = Array(sequence.row(step))
                #expect(row.count == 6 && row.sorted() == [0, 0, 0, 0, 0, 1])
                #expect(step == 0 ? row[target] == 1 : row.prefix(3).allSatisfy { $0 == 0 })
            }
        }
    }

    @Test("the same seed gives the same, on any number of threads; another seed, another")
    func seeds() {
        let (one, two) = (experiment().run(threads: 1), experiment().run(threads: 2))
        #expect(one == two && one.map(\.subject) == LongRangeSubject.all)
        var other = experiment()
        other.seed = 2
        #expect(other.run(threads: 2) != one)
    }

    @Test("before training, the plain cell's gradient vanishes, with large weights it explodes, and gates hold it")
    func flow() throws {
        let results = experiment(updates: 1, steps: 60).run(threads: 2)
        let shares = try results.map { try #require($0.start.shareAtFirstStep) }
        #expect(results.allSatisfy { $0.start.hiddenGradientNorms.count == 60 && $0.records.count == 1 })
        #expect(shares[0] < 1e-10 && shares[1] > 10 && shares[2] > 0.01 && shares[3] > 1e-5)
    }

    @Test("over 20 steps the gated cells learn the task, and the plain one does not")
    func learns() {
        let results = experiment(updates: 400).run(threads: 2)
        let accuracies = results.map(\.end.accuracy)
        #expect(accuracies[2] > 0.9 && accuracies[3] > 0.9, "\(accuracies)")
        #expect(accuracies[0] < 0.5, "\(accuracies)")
        #expect((results[2].end.loss ?? .infinity) < 0.5 && (results[2].start.loss ?? 0) > 1.3)
    }

    @Test("records say what the optimiser did, and hold no number that JSON cannot")
    func records() throws {
        var experiment = experiment(updates: 3)
        experiment.maximumNorm = 1e-3
        for record in experiment.run(threads: 2).flatMap(\.records) {
            #expect(record.isClipped && !record.isSkipped)
            let norms = record.layerGradientNorms.values.compactMap { $0 }
            let whole = norms.reduce(0) { $0 + $1 * $1 }.squareRoot()
            #expect(norms.count == 2 && abs(whole / (record.gradientNorm ?? 0) - 1) < 1e-9)
            let ends = try #require(record.hiddenGradientNorms["layer 0 forward"])
            #expect(ends.first != nil && (ends.last ?? 0) > 0)
            let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(record)) as? [String: Any]
            #expect(object?["event"] as? String == "step" && object?["clipped"] as? Bool == true)
        }
    }
}
