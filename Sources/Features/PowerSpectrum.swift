import CFFTW
import Foundation
import VectorKernels

/// FFTW's planner is not safe to call from two threads; executing a plan is.
enum FourierPlanner {
    /// Held while a plan is made or destroyed.
    static let lock = NSLock()
}

/// The power spectrum of real frames by FFTW.
///
/// A frame of n real samples is transformed as n/2 complex ones, for which FFTW's vector code is best, and taken apart
/// by a kernel. Plans are estimated, not measured: measuring takes longer than transforming a minute of speech.
final class PowerSpectrum {
    /// Points of the transform.
    let size: Int
    /// n samples that the caller writes, in memory aligned as FFTW likes it.
    let frame: UnsafeMutablePointer<Float>
    private let spectrum: UnsafeMutablePointer<fftwf_complex>
    private let plan: fftwf_plan
    private let kernels: VectorKernels
    private let cosine: [Float]
    private let sine: [Float]

    /// - Parameter size: a power of two, 4 or more.
    init(size: Int, kernels: VectorKernels) throws(FeatureError) {
        let half = size / 2
        guard let input = fftwf_alloc_complex(half), let output = fftwf_alloc_complex(half),
            let plan = FourierPlanner.lock.withLock({
                fftwf_plan_dft_1d(Int32(half), input, output, FFTW_FORWARD, FFTW_ESTIMATE)
            })
        else { throw FeatureError("a Fourier transform of \(size) points: out of memory") }
        self.size = size
        self.kernels = kernels
        frame = UnsafeMutableRawPointer(input).bindMemory(to: Float.self, capacity: size)
        frame.update(repeating: 0, count: size)
        spectrum = output
        self.plan = plan
        let step = 2 * Double.pi / Double(size)
        cosine = (0...half / 2).map { Float(cos(step * Double($0))) }
        sine = (0...half / 2).map { Float(sin(step * Double($0))) }
    }

    deinit {
        FourierPlanner.lock.withLock {
            fftwf_destroy_plan(plan)
            fftwf_free(frame)
            fftwf_free(spectrum)
        }
    }

    /// |X_k|^2 of `frame` for k = 0 ... size / 2.
    func compute(into power: UnsafeMutablePointer<Float>) {
        fftwf_execute(plan)
        UnsafeMutableRawPointer(spectrum).withMemoryRebound(to: Float.self, capacity: size) {
            kernels.table.pointee.power_spectrum($0, cosine, sine, Int32(size), power)
        }
    }
}
