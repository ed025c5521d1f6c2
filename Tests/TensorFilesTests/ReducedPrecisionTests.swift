import TestSupport
import Testing

import TensorFiles

@Suite struct ReducedPrecisionTests {
    @Test func landmarksOfHalfPrecision() {
        let landmarks: [(UInt16, Float)] = [
            (0x0000, 0), (0x0001, 0x1p-24), (0x03ff, 0x1.ff8p-15), (0x0400, 0x1p-14), (0x3c00, 1), (0x3c01, 0x1.004p0),
            (0xc000, -2), (0x7bff, 65_504), (0x7c00, .infinity), (0xfc00, -.infinity),
        ]
        for (half, value) in landmarks {
            #expect(ReducedPrecision.float(half: half) == value)
            #expect(ReducedPrecision.half(value) == half)
        }
        #expect(ReducedPrecision.float(half: 0x8000).sign == .minus)
        #expect(ReducedPrecision.half(-0.0) == 0x8000)
    }

    @Test func halvesSurviveTheWayToFloatAndBack() {
        let changed = (UInt16.min...UInt16.max).filter { half in
            let isNaN = half & 0x7fff > 0x7c00
            return ReducedPrecision.half(ReducedPrecision.float(half: half)) != (isNaN ? half | 0x200 : half)
        }
        #expect(changed.isEmpty)
    }

    @Test func tiesGoToTheEvenNeighbour() {
        #expect(ReducedPrecision.half(0x1.002p0) == 0x3c00)
        #expect(ReducedPrecision.half(0x1.006p0) == 0x3c02)
        #expect(ReducedPrecision.half(0x1p-25) == 0)
        #expect(ReducedPrecision.half(0x1.8p-24) == 2)
        #expect(ReducedPrecision.bfloat(0x1.01p0) == 0x3f80)
        #expect(ReducedPrecision.bfloat(0x1.03p0) == 0x3f82)
    }

    @Test func finiteValuesThatWouldBecomeInfiniteAreRefused() {
        #expect(ReducedPrecision.half(Float(65_520).nextDown) == 0x7bff)
        #expect(ReducedPrecision.half(65_520) == nil)
        #expect(ReducedPrecision.half(-.greatestFiniteMagnitude) == nil)
        #expect(ReducedPrecision.bfloat(.greatestFiniteMagnitude) == nil)
        #expect(ReducedPrecision.bfloat(Float(bitPattern: 0xff7f_7fff)) == 0xff7f)
        #expect(ReducedPrecision.bfloat(-.infinity) == 0xff80)
    }

    @Test func notANumberStaysNotANumber() {
        for bits: UInt32 in [0x7fc0_0000, 0x7f80_0001, 0xffff_ffff, 0xff80_0001] {
            let value = Float(bitPattern: bits)
            #expect(ReducedPrecision.half(value).map(ReducedPrecision.float(half:))?.isNaN == true)
            #expect(ReducedPrecision.bfloat(value).map(ReducedPrecision.float(bfloat:))?.isNaN == true)
        }
    }

    @Test func bfloatsSurviveTheWayToFloatAndBack() {
        let changed = (UInt16.min...UInt16.max).filter { bfloat in
            let isNaN = bfloat & 0x7fff > 0x7f80
            return ReducedPrecision.bfloat(ReducedPrecision.float(bfloat: bfloat)) != (isNaN ? bfloat | 0x40 : bfloat)
        }
        #expect(changed.isEmpty)
    }

    #if !(os(macOS) && arch(x86_64))
        @Test func allHalvesConvertAsSwiftSays() {
            let different = (UInt16.min...UInt16.max).filter {
                ReducedPrecision.float(half: $0).bitPattern != Float(Float16(bitPattern: $0)).bitPattern
            }
            #expect(different.isEmpty, "\(different.count), the first \(different.first ?? 0)")
        }

        @Test func floatsRoundToHalvesAsSwiftSays() {
            var patterns: [UInt32] = []
            // Around every half and every tie between two halves.
            for half in stride(from: UInt16(0), to: 0x7c00, by: 3) {
                let (low, high) = (ReducedPrecision.float(half: half), ReducedPrecision.float(half: half + 1))
                let middle = high.isFinite ? (low + high) / 2 : 65_520
                for value in [low, middle, -middle] {
                    patterns += [value.bitPattern &- 1, value.bitPattern, value.bitPattern &+ 1]
                }
            }
            var generator = SeededGenerator(seed: 3)
            for _ in 0..<50_000 { patterns.append(UInt32.random(in: 0 ... .max, using: &generator)) }
            // Exponents from 2^-27 to 2^16, where rounding happens.
            for _ in 0..<50_000 { patterns.append(UInt32.random(in: 0x3200_0000...0x4780_0000, using: &generator)) }
            let different = patterns.filter { pattern in
                let value = Float(bitPattern: pattern)
                let expected = Float16(value)
                let overflows = value.isFinite && expected.isInfinite
                return ReducedPrecision.half(value) != (overflows ? nil : expected.bitPattern)
            }
            #expect(different.isEmpty, "\(different.count), the first \(different.first ?? 0)")
        }
    #endif
}
