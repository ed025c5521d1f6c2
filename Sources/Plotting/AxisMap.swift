import Foundation

/// An axis whose ends are known: where values lie, and which of them are marked.
package struct AxisMap {
    /// A marked value.
    package struct Tick: Equatable {
        /// Where it is.
        package let value: Double
        /// What is written beside it.
        package let label: String
    }

    private let scale: Axis.Scale
    /// The values at the two ends.
    package let range: ClosedRange<Double>

    /// - Parameters:
    ///   - values: of the series, all of them.
    ///   - margin: the share of the range that is added on both sides where the ends are not given; on a logarithmic axis,
    ///     the ends are powers of 10 instead.
    package init(_ axis: Axis, values: [Double], margin: Double) {
        scale = axis.scale
        let isLogarithmic = axis.scale == .logarithmic
        let usable = values.filter { $0.isFinite && !(isLogarithmic && $0 <= 0) }
        var (low, high) = (usable.min() ?? (isLogarithmic ? 0.1 : 0), usable.max() ?? 1)
        if let given = axis.range, !isLogarithmic || given.lowerBound > 0 {
            (low, high) = (given.lowerBound, given.upperBound)
        } else if isLogarithmic {
            // A hair inside, so that 1000 does not end at 10000 because its logarithm is 2.9999999999999996.
            (low, high) = (pow(10, floor(log10(low) + 1e-9)), pow(10, ceil(log10(high) - 1e-9)))
        } else {
            let room = (high - low) * margin
            (low, high) = (low - room, high + room)
        }
        if !(low < high) {
            (low, high) =
                isLogarithmic ? (low / 10, low * 10) : (low - max(abs(low), 1) / 2, low + max(abs(low), 1) / 2)
        }
        range = low...high
    }

    /// From 0 at the low end to 1 at the high end; nil where a value has no place.
    package func place(of value: Double) -> Double? {
        guard value.isFinite else { return nil }
        switch scale {
        case .linear: return (value - range.lowerBound) / (range.upperBound - range.lowerBound)
        case .logarithmic:
            guard value > 0 else { return nil }
            let (low, high) = (log10(range.lowerBound), log10(range.upperBound))
            return (log10(value) - low) / (high - low)
        }
    }

    /// The marked values, from low to high, about as many as asked for.
    package func ticks(about count: Int) -> [Tick] {
        switch scale {
        case .linear: linearTicks(about: count)
        case .logarithmic: logarithmicTicks(about: count)
        }
    }

    /// Steps of 1, 2 or 5 times a power of 10.
    private func linearTicks(about count: Int) -> [Tick] {
        let rough = (range.upperBound - range.lowerBound) / Double(max(count, 1))
        let power = floor(log10(rough))
        let unit = pow(10, power)
        let step = ([1, 2, 5, 10].first { $0 * unit >= rough * 0.999 } ?? 10) * unit
        let decimals = max(0, Int(-floor(log10(step) + 1e-9)))
        let first = Int((range.lowerBound / step - 1e-6).rounded(.up))
        let last = Int((range.upperBound / step + 1e-6).rounded(.down))
        guard first <= last, last - first < 1000 else { return [] }
        return (first...last).map { index in
            let value = Double(index) * step
            return Tick(value: value, label: Self.minus(String(format: "%.\(decimals)f", value)))
        }
    }

    /// Powers of 10, every second, third, fifth or tenth of them where there are many; of one decade, 2 and 5 times them
    /// too.
    private func logarithmicTicks(about count: Int) -> [Tick] {
        let (low, high) = (log10(range.lowerBound), log10(range.upperBound))
        let (first, last) = (Int((low - 1e-9).rounded(.up)), Int((high + 1e-9).rounded(.down)))
        let needed = ((last - first) + count - 1) / max(count, 1)
        let step = [1, 2, 3, 5, 10, 20, 50].first { $0 >= needed } ?? 100
        let exponents = first <= last ? (first...last).filter { $0 % step == 0 } : []
        guard exponents.count < 2 else {
            let isPlain = exponents.allSatisfy { (-2...3).contains($0) }
            return exponents.map { Tick(value: pow(10, Double($0)), label: Self.power($0, isPlain: isPlain)) }
        }
        return ((first - 1)...(last + 1)).flatMap { exponent in [1.0, 2, 5].map { $0 * pow(10, Double(exponent)) } }
            .filter { range.contains($0) }.map { Tick(value: $0, label: String(format: "%g", $0)) }
    }

    private static func power(_ exponent: Int, isPlain: Bool) -> String {
        guard !isPlain, exponent != 0 else { return String(format: "%g", pow(10, Double(exponent))) }
        let raised: [Character: Character] = [
            "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷", "8": "⁸",
            "9": "⁹",
        ]
        return "10" + String("\(exponent)".map { raised[$0] ?? $0 })
    }

    /// With a real minus sign, which is as wide as a digit.
    private static func minus(_ number: String) -> String { number.replacingOccurrences(of: "-", with: "−") }
}
