import Foundation
import VectorKernels

/// The memory of one thread for one utterance at a time; it grows to what the largest needs, and stays.
final class CTCWorkspace {
    private let kernels: VectorKernels
    private var floats = UnsafeMutableBufferPointer<Float>.allocate(capacity: 0)
    private var integers = UnsafeMutableBufferPointer<Int32>.allocate(capacity: 0)
    private var offsets = UnsafeMutableBufferPointer<Int>.allocate(capacity: 0)

    init(kernels: VectorKernels) { self.kernels = kernels }

    deinit {
        floats.deallocate()
        integers.deallocate()
        offsets.deallocate()
    }

    /// One utterance: its frame t begins at `rowOfFrame[t] + firstRow` rows of logits and gradient.
    struct Utterance {
        let logits: UnsafePointer<Float>?
        let gradient: UnsafeMutablePointer<Float>?
        let classes: Int
        let frames: Int
        let firstRow: Int
        let rowOfFrame: UnsafeBufferPointer<Int>
        let isPadded: Bool
        let targets: [Int]
        var scale: Float

        /// The same with another scale of its gradient.
        func scaled(by factor: Float) -> Utterance {
            var scaled = self
            scaled.scale *= factor
            return scaled
        }
    }

    /// The gradient of an utterance that has no path: 0 everywhere.
    func refuse(_ utterance: Utterance) {
        fill(utterance, 0..<(utterance.isPadded ? utterance.rowOfFrame.count : utterance.frames), with: 0)
    }

    /// -ln P(targets | logits), `scale` times its gradient written where one is wanted.
    func loss(of utterance: Utterance, blank: Int) -> Double {
        let (frames, classes) = (utterance.frames, utterance.classes)
        if utterance.isPadded { fill(utterance, frames..<utterance.rowOfFrame.count, with: 0) }
        guard frames >= CTCLoss.fewestFrames(for: utterance.targets) else {
            fill(utterance, 0..<frames, with: 0)
            return .infinity
        }
        guard frames > 0 else { return 0 }
        let lanes = kernels.lanes
        let states = utterance.targets.count + 1
        let width = (states + lanes - 1) / lanes * lanes
        let working = 5 * (width + 2 * lanes)
        let stride = utterance.gradient == nil ? 0 : 6 * width
        floats.grow(to: working + max(6 * width, frames * stride))
        integers.grow(to: 2 * width + 1)
        offsets.grow(to: frames)
        guard let floats = floats.baseAddress, let integers = integers.baseAddress else { return .nan }
        for frame in 0..<frames {
            offsets[frame] = (utterance.rowOfFrame[frame] + utterance.firstRow) * classes
        }
        writeTargets(utterance.targets, blank: blank, classOf: integers, skip: integers + width, width: width)
        return offsets.withMemoryRebound(to: size_t.self) { offsets in
            var lattice = utter_ctc()
            lattice.frames = Int32(frames)
            lattice.classes = Int32(classes)
            lattice.labels = Int32(utterance.targets.count)
            lattice.width = Int32(width)
            lattice.logits = utterance.logits
            lattice.offsets = UnsafePointer(offsets.baseAddress)
            lattice.class_of = UnsafePointer(integers)
            lattice.skip = UnsafePointer(integers + width)
            lattice.working = floats
            lattice.history = floats + working
            lattice.history_stride = stride
            lattice.gradient = utterance.gradient
            lattice.scale = utterance.scale
            kernels.table.pointee.ctc_forward(&lattice)
            guard !lattice.log_normaliser.isNaN else {
                fill(utterance, 0..<frames, with: .nan)
                return .nan
            }
            guard Int(lattice.total_exponent) > UTTER_CTC_NOTHING else {
                fill(utterance, 0..<frames, with: 0)
                return .infinity
            }
            if utterance.gradient != nil { kernels.table.pointee.ctc_backward(&lattice) }
            let logarithm = log(Double(lattice.total)) + Double(lattice.total_exponent) * log(2)
            return lattice.log_normaliser - logarithm
        }
    }

    private func writeTargets(
        _ targets: [Int], blank: Int, classOf: UnsafeMutablePointer<Int32>, skip: UnsafeMutablePointer<Int32>,
        width: Int
    ) {
        for state in 0..<width { classOf[state] = Int32(blank) }
        for state in 0...width { skip[state] = Int32(UTTER_CTC_ZERO) }
        // State j is the label j - 1. Two equal labels in a row need a blank between them.
        for (index, label) in targets.enumerated() {
            classOf[index + 1] = Int32(label)
            if index > 0, targets[index - 1] != label { skip[index + 1] = 0 }
        }
    }

    private func fill(_ utterance: Utterance, _ frames: Range<Int>, with value: Float) {
        guard let gradient = utterance.gradient else { return }
        for frame in frames {
            let row = gradient + (utterance.rowOfFrame[frame] + utterance.firstRow) * utterance.classes
            row.update(repeating: value, count: utterance.classes)
        }
    }
}
