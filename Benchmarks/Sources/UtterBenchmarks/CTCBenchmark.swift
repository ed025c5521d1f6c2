import ArgumentParser
import UtterTraining

/// The CTC loss and its gradient from logits, softmax included: 500 frames, 16 utterances, 60 labels each, in PyTorch's
/// layout. Frames a second for 29 and for 1000 classes.
struct CTCBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "ctc")

    @Option var threads = 2
    @Option var runs = 15

    func run() throws {
        let (frames, batch, labels) = (500, 16, 60)
        var generator = SplitMix64(seed: 2)
        var values: [String: Double] = [:]
        for classes in [29, 1000] {
            // The sum of 12 uniform numbers is close to normal, as the peer's logits are.
            let logits = (0..<frames * batch * classes).map { _ in
                (0..<12).reduce(Float(-6)) { sum, _ in sum + Float.random(in: 0...1, using: &generator) }
            }
            let targets = (0..<batch).map { _ in
                (0..<labels).map { _ in Int.random(in: 1..<classes, using: &generator) }
            }
            var gradient = [Float](repeating: 0, count: logits.count)
            let loss = CTCLoss()
            let layout = CTCLayout.timeMajor(
                frames: frames, lengths: [Int](repeating: frames, count: batch), classes: classes)
            let seconds = try medianTime(runs: runs) {
                try logits.withUnsafeBufferPointer { logits in
                    try gradient.withUnsafeMutableBufferPointer { gradient in
                        _ = try loss.evaluate(
                            logits: logits, gradient: gradient, layout: layout, targets: targets, reduction: .mean,
                            threads: threads)
                    }
                }
            }
            values["utter_c\(classes)"] = Double(frames * batch) / seconds
        }
        try report(values)
    }
}
