import TestSupport
import Testing
import Training

@Suite struct BatchPlanTests {
    private let seconds: [Double]

    init() {
        var generator = SeededGenerator(seed: 3)
        seconds = (0..<1000).map { _ in Double.random(in: 0.5...20, using: &generator) }
    }

    private func plan(seed: UInt64 = 1) -> BatchPlan {
        BatchPlan(seconds: seconds, batchSize: 16, batchSeconds: 120, seed: seed)
    }

    @Test("every epoch has every recording once, in batches within both limits")
    func complete() {
        for epoch in 0..<4 {
            let batches = plan().batches(epoch: epoch)
            #expect(batches.flatMap(\.self).sorted() == Array(seconds.indices))
            #expect(batches.allSatisfy { $0.count <= 16 && $0.reduce(0) { $0 + seconds[$1] } <= 120 })
        }
    }

    @Test("the first epoch goes from short to long; later ones do not, but batches hold recordings of like length")
    func order() {
        let first = plan().batches(epoch: 0).flatMap(\.self).map { seconds[$0] }
        #expect(first == first.sorted())
        let later = plan().batches(epoch: 1)
        let means = later.map { batch in batch.reduce(0) { $0 + seconds[$1] } / Double(batch.count) }
        #expect(means != means.sorted())
        let spread = later.map { batch in
            let lengths = batch.map { seconds[$0] }
            return (lengths.max() ?? 0) - (lengths.min() ?? 0)
        }
        // Recordings vary by 20 s; a batch out of a pool of 256 that is sorted varies by about a sixteenth of that.
        #expect(spread.reduce(0, +) / Double(spread.count) < 4)
    }

    @Test("the plan is a function of seed and epoch")
    func repeatable() {
        #expect(plan().batches(epoch: 5) == plan().batches(epoch: 5))
        #expect(plan().batches(epoch: 5) != plan().batches(epoch: 6))
        #expect(plan(seed: 1).batches(epoch: 5) != plan(seed: 2).batches(epoch: 5))
    }

    @Test("a set of which an epoch has a part comes in turns, each recording as often as the others")
    func shares() {
        let sets = [
            RecordingSet(recordings: 0..<300, share: 1), RecordingSet(recordings: 300..<1000, share: 0.3),
        ]
        let plan = BatchPlan(seconds: seconds, batchSize: 16, batchSeconds: 120, seed: 1, sets: sets)
        var met = [Int](repeating: 0, count: 1000)
        for epoch in 0..<10 {
            let recordings = plan.batches(epoch: epoch).flatMap(\.self)
            #expect(recordings.count == 510 && Set(recordings).count == 510)
            for recording in recordings { met[recording] += 1 }
        }
        #expect(met.prefix(300).allSatisfy { $0 == 10 } && met.dropFirst(300).allSatisfy { $0 == 3 })
        #expect(plan.batches(epoch: 4) == plan.batches(epoch: 4))
        // Whole sets are as if there were none.
        let whole = BatchPlan(
            seconds: seconds, batchSize: 16, batchSeconds: 120, seed: 1,
            sets: [RecordingSet(recordings: 0..<1000, share: 1)])
        #expect(whole.batches(epoch: 3) == self.plan().batches(epoch: 3))
    }

    @Test("a recording longer than a batch may be has one of its own")
    func long() {
        let batches = BatchPlan(seconds: [500, 1, 1], batchSize: 8, batchSeconds: 10, seed: 1).batches(epoch: 0)
        #expect(batches == [[1, 2], [0]])
    }
}
