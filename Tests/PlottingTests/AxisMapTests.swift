import Foundation
import Plotting
import Testing

@Suite struct AxisMapTests {
    private func map(_ values: [Double], _ scale: Axis.Scale, range: ClosedRange<Double>? = nil) -> AxisMap {
        AxisMap(Axis("", scale: scale, range: range), values: values, margin: 0)
    }

    @Test("linear ticks are round numbers inside the range, with a real minus")
    func linear() {
        #expect(map([0, 100], .linear).ticks(about: 5).map(\.label) == ["0", "20", "40", "60", "80", "100"])
        #expect(
            map([-1.5, 1.5], .linear).ticks(about: 6).map(\.label) == [
                "−1.5", "−1.0", "−0.5", "0.0", "0.5", "1.0", "1.5",
            ])
        #expect(
            map([0.01, 0.033], .linear).ticks(about: 4).map(\.label) == ["0.01", "0.02", "0.03"])
        #expect(map([1, 600], .linear).ticks(about: 5).map(\.value) == [200, 400, 600])
    }

    @Test("a logarithmic axis goes from power of 10 to power of 10, and marks powers, not too many")
    func logarithmic() {
        let few = map([0.03, 700], .logarithmic)
        #expect(abs(few.range.lowerBound / 0.01 - 1) < 1e-12 && abs(few.range.upperBound / 1000 - 1) < 1e-12)
        #expect(few.ticks(about: 6).map(\.label) == ["0.01", "0.1", "1", "10", "100", "1000"])
        let many = map([], .logarithmic, range: 1e-12...1e12).ticks(about: 8)
        #expect(many.map(\.label) == ["10⁻¹²", "10⁻⁹", "10⁻⁶", "10⁻³", "1", "10³", "10⁶", "10⁹", "10¹²"])
        #expect(
            map([], .logarithmic, range: 1e-20...1e20).ticks(about: 6).map(\.label) == [
                "10⁻²⁰", "10⁻¹⁰", "1", "10¹⁰", "10²⁰",
            ])
        for tick in many { #expect(abs(log10(tick.value).rounded() - log10(tick.value)) < 1e-9) }
        // Within one decade, parts of it.
        #expect(map([], .logarithmic, range: 2...9).ticks(about: 5).map(\.label) == ["2", "5"])
    }

    @Test("exact powers of 10 are the ends of their axis", arguments: -12...12)
    func powers(exponent: Int) {
        let value = pow(10, Double(exponent))
        let range = map([value, value * 1000], .logarithmic).range
        #expect(abs(range.lowerBound / value - 1) < 1e-9 && abs(range.upperBound / value / 1000 - 1) < 1e-9)
    }

    @Test("values have their place from 0 to 1; what has none has none")
    func places() {
        let linear = map([10, 20], .linear)
        #expect(linear.place(of: 10) == 0 && linear.place(of: 15) == 0.5 && linear.place(of: 20) == 1)
        #expect(linear.place(of: .nan) == nil && linear.place(of: .infinity) == nil)
        let logarithmic = map([1, 100], .logarithmic)
        #expect(abs((logarithmic.place(of: 10) ?? 0) - 0.5) < 1e-12)
        #expect(logarithmic.place(of: 0) == nil && logarithmic.place(of: -1) == nil)
    }

    @Test(
        "no values, one value, and values without a place leave an axis to draw",
        arguments: [[], [0], [5], [.nan, .infinity], [-3, -3], [1e-300], [1e300]])
    func degenerate(values: [Double]) {
        for scale in [Axis.Scale.linear, .logarithmic] {
            let map = map(values, scale)
            #expect(map.range.lowerBound < map.range.upperBound)
            #expect(map.ticks(about: 5).count < 50)
        }
        #expect(map([], .logarithmic, range: -1...1).range.lowerBound > 0)
    }
}
