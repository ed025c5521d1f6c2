import Corpora
import Foundation

/// Reads batches and computes their features on threads of its own, ahead of the network and in order. Memory is bounded
/// by the batches that lie ready, whatever the size of the set.
final class BatchLoader: @unchecked Sendable {  // its state is behind `condition`
    private let source: FeatureSource
    private let utterances: [LabelledUtterance]
    private let plan: [[Int]]
    private let epoch: Int
    private let ahead: Int

    private var ready: [Int: TrainingBatch] = [:]
    private var nextToLoad: Int
    private var nextToGive: Int
    private var isCancelled = false
    private let condition = NSCondition()

    /// - Parameters:
    ///   - plan: the batches of an epoch.
    ///   - first: the batch to begin with.
    ///   - threads: as many batches are worked on at once.
    init(
        source: FeatureSource, utterances: [LabelledUtterance], plan: [[Int]], epoch: Int, first: Int = 0, threads: Int
    ) {
        (self.source, self.utterances, self.plan, self.epoch) = (source, utterances, plan, epoch)
        (nextToLoad, nextToGive, ahead) = (first, first, 2 * threads + 1)
        for number in 0..<min(threads, max(0, plan.count - first)) {
            let thread = Thread { self.work() }
            thread.name = "utter loader \(number)"
            thread.start()
        }
    }

    /// The next batch; nil after the last.
    func next() -> TrainingBatch? {
        condition.withLock {
            guard nextToGive < plan.count else { return nil }
            while ready[nextToGive] == nil { condition.wait() }
            defer {
                nextToGive += 1
                condition.broadcast()
            }
            return ready.removeValue(forKey: nextToGive)
        }
    }

    /// Lets the threads go where not all batches are wanted.
    func cancel() {
        condition.withLock {
            isCancelled = true
            condition.broadcast()
        }
    }

    private func work() {
        while let number = take() {
            let batch = load(plan[number])
            condition.withLock {
                ready[number] = batch
                condition.broadcast()
            }
        }
    }

    private func take() -> Int? {
        condition.withLock {
            while !isCancelled, nextToLoad < plan.count, nextToLoad >= nextToGive + ahead { condition.wait() }
            guard !isCancelled, nextToLoad < plan.count else { return nil }
            defer { nextToLoad += 1 }
            return nextToLoad
        }
    }

    private func load(_ indices: [Int]) -> TrainingBatch {
        var batch = TrainingBatch()
        for index in indices {
            let utterance = utterances[index]
            do {
                let steps = try source.steps(of: utterance, index: index, epoch: epoch)
                batch.utterances.append(index)
                batch.steps.append(steps)
            } catch {
                batch.problems.append(BadLine(utterance.manifest, utterance.line, "\(error)"))
            }
        }
        return batch
    }
}
