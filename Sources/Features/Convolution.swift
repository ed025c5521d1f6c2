import CFFTW
import Foundation

/// Convolution of a long signal with a filter: by overlap and add, so that memory beyond the result is that of a few
/// Fourier transforms of the filter's size.
public enum Convolution {
    /// y_n = sum_k h_k x_(n + delay - k) for n = 0 ..< x.count; x is zero outside.
    ///
    /// - Parameters:
    ///   - x: the signal.
    ///   - h: the filter; an empty one gives zeros.
    ///   - delay: samples of delay that are taken back: half the length of a symmetric filter of odd length, or the
    ///     place of the direct path in a room's response.
    /// - Returns: as many samples as `x` has.
    /// - Throws: ``FeatureError`` where memory does not suffice.
    /// - Precondition: a delay of 0 or more.
    public static func filter(_ x: [Float], by h: [Float], delay: Int = 0) throws(FeatureError) -> [Float] {
        precondition(delay >= 0)
        guard !x.isEmpty, !h.isEmpty else { return [Float](repeating: 0, count: x.count) }
        // Four times the filter keeps the waste small; a signal shorter than that needs no more than the whole result.
        let size = max(4, min(nextPowerOfTwo(4 * h.count), nextPowerOfTwo(x.count + h.count - 1)))
        let transform = try RealTransform(size: size)
        let response = transform.spectrum(of: h[...], scale: 1 / Float(size))
        let step = size - h.count + 1
        var y = [Float](repeating: 0, count: x.count)
        for start in stride(from: 0, to: x.count, by: step) {
            let block = x[start..<min(start + step, x.count)]
            let first = start - delay
            let (from, to) = (max(0, -first), min(block.count + h.count - 1, x.count - first))
            transform.withFiltered(block, by: response) { block in
                y.withUnsafeMutableBufferPointer { y in
                    for index in from..<max(from, to) { y[first + index] += block[index] }
                }
            }
        }
        return y
    }

    private static func nextPowerOfTwo(_ n: Int) -> Int {
        n <= 1 ? 1 : 1 << (Int.bitWidth - (n - 1).leadingZeroBitCount)
    }
}

/// The Fourier transform of real signals, there and back, by FFTW. Plans are estimated: so they are the same in every
/// run, and with them the result to the last bit.
private final class RealTransform {
    private let size: Int
    private let signal: UnsafeMutablePointer<Float>
    /// size / 2 + 1 complex numbers, real and imaginary parts in turns.
    private let spectrum: UnsafeMutablePointer<Float>
    private let forward: fftwf_plan
    private let backward: fftwf_plan

    init(size: Int) throws(FeatureError) {
        let bins = size / 2 + 1
        guard let signal = fftwf_alloc_real(size), let spectrum = fftwf_alloc_complex(bins),
            let (forward, backward) = FourierPlanner.lock.withLock({ () -> (fftwf_plan, fftwf_plan)? in
                guard let forward = fftwf_plan_dft_r2c_1d(Int32(size), signal, spectrum, FFTW_ESTIMATE),
                    let backward = fftwf_plan_dft_c2r_1d(Int32(size), spectrum, signal, FFTW_ESTIMATE)
                else { return nil }
                return (forward, backward)
            })
        else { throw FeatureError("a Fourier transform of \(size) points: out of memory") }
        self.size = size
        self.signal = signal
        self.spectrum = UnsafeMutableRawPointer(spectrum).bindMemory(to: Float.self, capacity: 2 * bins)
        (self.forward, self.backward) = (forward, backward)
    }

    deinit {
        FourierPlanner.lock.withLock {
            fftwf_destroy_plan(forward)
            fftwf_destroy_plan(backward)
            fftwf_free(signal)
            fftwf_free(spectrum)
        }
    }

    private func load(_ x: ArraySlice<Float>) {
        x.withUnsafeBufferPointer { x in
            if let base = x.baseAddress { signal.update(from: base, count: x.count) }
        }
        (signal + x.count).update(repeating: 0, count: size - x.count)
        fftwf_execute(forward)
    }

    /// The spectrum of a signal of at most `size` samples, times a factor.
    func spectrum(of x: ArraySlice<Float>, scale: Float) -> [Float] {
        load(x)
        return (0..<size + 2).map { spectrum[$0] * scale }
    }

    /// Calls `body` with the signal, `size` samples, whose spectrum is that of `x` times `response`.
    func withFiltered(_ x: ArraySlice<Float>, by response: [Float], _ body: (UnsafePointer<Float>) -> Void) {
        load(x)
        response.withUnsafeBufferPointer { response in
            for bin in stride(from: 0, to: size + 2, by: 2) {
                let (a, b) = (spectrum[bin], spectrum[bin + 1])
                let (c, d) = (response[bin], response[bin + 1])
                spectrum[bin] = a * c - b * d
                spectrum[bin + 1] = a * d + b * c
            }
        }
        fftwf_execute(backward)
        body(signal)
    }
}
