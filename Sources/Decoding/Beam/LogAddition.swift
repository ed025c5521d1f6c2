import Foundation

/// ln(e^a + e^b), the hot operation of a search in log space.
///
/// It is a + ln(1 + e^(b - a)) with a the greater. The second term falls from ln 2 to nothing; it is taken from a table
/// of cubic polynomials that agree with it and its slope at multiples of 1/16 (Hermite), which is within 1e-7 of it,
/// less than a Float of that size rounds.
struct LogAddition: @unchecked Sendable {  // what it points to is never written after the initialiser
    private static let perUnit = 16
    /// Beyond this the lesser changes nothing: e^-17 is half of what a Float near 1 rounds.
    private static let range = 17
    private let pieces: UnsafePointer<SIMD4<Float>>

    /// The pieces live as long as the program.
    static let shared = LogAddition()

    private init() {
        let count = Self.perUnit * Self.range + 1
        let pieces = UnsafeMutablePointer<SIMD4<Float>>.allocate(capacity: count)
        let width = 1 / Double(Self.perUnit)
        for index in 0..<count {
            let (near, far) = (-Double(index) * width, -Double(index + 1) * width)
            let (p0, p1) = (log1p(exp(near)), log1p(exp(far)))
            let (m0, m1) = (-width / (1 + exp(-near)), -width / (1 + exp(-far)))
            pieces[index] = SIMD4(
                Float(p0), Float(m0), Float(3 * (p1 - p0) - 2 * m0 - m1), Float(2 * (p0 - p1) + m0 + m1))
        }
        self.pieces = UnsafePointer(pieces)
    }

    @inline(__always)
    func callAsFunction(_ a: Float, _ b: Float) -> Float {
        let (high, low) = a > b ? (a, b) : (b, a)
        let distance = (high - low) * Float(Self.perUnit)
        // False also for the difference of two infinities, which is not a number.
        guard distance < Float(Self.perUnit * Self.range) else { return high }
        let index = Int32(distance)
        let piece = pieces[Int(index)]
        let x = distance - Float(index)
        return high + (piece[0] + x * (piece[1] + x * (piece[2] + x * piece[3])))
    }
}
