import CTC
import Networks
import VectorKernels

/// The gradient of a batch, its recordings dealt out to shards that are computed side by side.
///
/// Sums are taken in the order of the shards: the result depends on their number, not on which thread was first.
struct ShardedGradient: Sendable {
    let shards: Int
    let threads: Int
    let loss: TrainingLoss
    /// Of the characters beside phones.
    private let characterLoss = TrainingLoss(blank: TrainableHead.blank)

    /// - Parameters:
    ///   - model: whose gradient is computed.
    ///   - loss: nil for plain CTC.
    ///   - shards: 0 for as many as the threads serve: directions of a layer run side by side within a shard.
    init(of model: TrainableModel, loss: TrainingLoss? = nil, shards: Int = 0, threads: Int) {
        self.shards = shards > 0 ? shards : max(1, threads / model.encoder.layers[0].directions.count)
        self.threads = threads
        self.loss = loss ?? TrainingLoss(blank: model.blank)
    }

    /// As ``TrainableModel/gradient(steps:targets:seeds:recordsFlow:loss:characterLoss:threads:)``, over all shards.
    func gradient(
        of model: TrainableModel, steps: [Matrix], targets: TrainableModel.Targets, seeds: [UInt64], recordsFlow: Bool
    ) throws -> TrainableModel.Result {
        // Where no recording of a batch could be read, or a worker's part of it is empty.
        guard !steps.isEmpty else { return model.zeroResult }
        // Recordings of like length go to different shards, so that all take about as long.
        let order = steps.indices.sorted { (steps[$0].rows, $1) > (steps[$1].rows, $0) }
        let count = max(1, min(shards, steps.count))
        var results = try Parallel.map(count, threads: threads) { shard in
            let mine = stride(from: shard, to: order.count, by: count).map { order[$0] }
            return Result {
                try model.gradient(
                    steps: mine.map { steps[$0] }, targets: targets.selecting(mine), seeds: mine.map { seeds[$0] },
                    recordsFlow: recordsFlow, loss: loss, characterLoss: characterLoss, threads: max(1, threads / count)
                )
            }
        }.map { try $0.get() }
        // Taken out of the list, so that the sum is made in the memory of the first.
        var total = results.removeFirst()
        for part in results {
            total.loss += part.loss
            total.characterLoss += part.characterLoss
            total.impossible += part.impossible
            if let flow = part.flow { total.flow?.merge(flow) }
        }
        total.gradients.withUnsafeMutableBufferPointer { sums in
            nonisolated(unsafe) let sums = sums  // each tensor is one thread's alone
            Parallel.forEach(results.isEmpty ? 0 : sums.count, threads: threads) { [results] index in
                for part in results { sums[index].add(part.gradients[index]) }
            }
        }
        return total
    }
}

extension [Float] {
    /// self += other, element by element.
    mutating func add(_ other: [Float]) {
        precondition(count == other.count)
        withUnsafeMutableBufferPointer { sum in
            other.withUnsafeBufferPointer { other in
                for index in sum.indices { sum[index] += other[index] }
            }
        }
    }
}
