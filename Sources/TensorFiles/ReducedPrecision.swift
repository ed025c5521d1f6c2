/// Half precision and bfloat16 by their bits: Swift's `Float16` does not exist on Intel macOS.
package enum ReducedPrecision {
    /// The value of a half-precision number, exactly; a signalling NaN becomes quiet, as IEEE 754 asks of a conversion.
    ///
    /// Sign, exponent and fraction move to their places in a float32 and the exponent's bias grows from 15 to 127. A
    /// subnormal f gets the exponent of 2^-14, which makes 2^-14 + f, and 2^-14 is subtracted again: exact, and no
    /// float32 subnormals (slow on some processors, flushed on others) take part. No branches, so that loops over it
    /// are vectorised.
    @inline(__always)
    package static func float(half: UInt16) -> Float {
        let magnitude = UInt32(half & 0x7fff)
        let sign = UInt32(half & 0x8000) &<< 16
        let rebiased = (magnitude &<< 13) &+ (112 &<< 23)
        let subnormal = (Float(bitPattern: rebiased &+ (1 &<< 23)) - 0x1p-14).bitPattern
        let special = (rebiased &+ (112 &<< 23)) | (magnitude > 0x7c00 ? 0x40_0000 : 0)
        let bits = magnitude < 0x400 ? subnormal : (magnitude >= 0x7c00 ? special : rebiased)
        return Float(bitPattern: bits | sign)
    }

    /// The value of a bfloat16, exactly.
    @inline(__always)
    package static func float(bfloat: UInt16) -> Float { Float(bitPattern: UInt32(bfloat) &<< 16) }

    /// The nearest half-precision number, ties to even; nil where a finite value would become infinite (from 65520 on).
    package static func half(_ value: Float) -> UInt16? {
        let sign = UInt16(truncatingIfNeeded: value.bitPattern >> 16) & 0x8000
        let magnitude = value.bitPattern & 0x7fff_ffff
        switch magnitude {
        case 0x7f80_0001...:
            return sign | 0x7e00 | UInt16(truncatingIfNeeded: magnitude >> 13) & 0x3ff
        case 0x7f80_0000: return sign | 0x7c00
        case Float(65_520).bitPattern...: return nil
        case Float(0x1p-14).bitPattern...:
            // Half a unit less one, plus the last bit kept: the carry rounds up, or at a tie to the even neighbour.
            let rounded = magnitude + 0xfff + (magnitude >> 13) & 1
            return sign | UInt16(truncatingIfNeeded: (rounded - (112 << 23)) >> 13)
        default:
            // The last bit of 0.5 is worth 2^-24, the unit of half-precision subnormals: the addition rounds.
            let sum = Float(bitPattern: magnitude) + 0.5
            return sign | UInt16(truncatingIfNeeded: sum.bitPattern - Float(0.5).bitPattern)
        }
    }

    /// The nearest bfloat16, ties to even; nil where a finite value would become infinite.
    package static func bfloat(_ value: Float) -> UInt16? {
        let bits = value.bitPattern
        if value.isNaN { return UInt16(truncatingIfNeeded: bits >> 16) | 0x40 }
        // The sum cannot wrap: the largest pattern that is no NaN is 0xff80_0000.
        let rounded = UInt16(truncatingIfNeeded: (bits + 0x7fff + (bits >> 16) & 1) >> 16)
        return value.isFinite && rounded & 0x7fff == 0x7f80 ? nil : rounded
    }
}
