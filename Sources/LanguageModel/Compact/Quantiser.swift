/// Values replaced by the number of the nearest one in a short list.
///
/// The list begins with as many values in each bin (Federico and Bertoldi 2006, "How many bits are needed to store
/// probabilities for phrase-based translation?"), and a few rounds of Lloyd's algorithm then move each to the mean of
/// those that are nearest to it. Weights of 0, with and without longer n-grams, have numbers of their own.
struct Quantiser {
    /// The values by number, as many as the bits can count.
    let values: [Float]
    /// The values from low to high, and their numbers.
    private let ordered: [(value: Float, code: UInt32)]

    /// - Parameter fixed: values that are kept exactly, bit by bit; they have the first numbers.
    init(_ all: [Float], bits: Int, fixed: [Float] = []) {
        let room = 1 << bits
        let others = all.filter { value in !fixed.contains { $0.bitPattern == value.bitPattern } }.sorted()
        var centres: [Float] = []
        var distinct: [Float] = []
        for value in others where distinct.count <= room && distinct.last != value { distinct.append(value) }
        let bins = room - fixed.count
        if distinct.count <= bins {
            centres = distinct
        } else {
            centres = (0..<bins).map { others[($0 * 2 + 1) * others.count / (bins * 2)] }
            for _ in 0..<10 { centres = Self.refined(centres, others) }
        }
        let padding = [Float](repeating: centres.last ?? 0, count: room - fixed.count - centres.count)
        values = fixed + centres + padding
        ordered = centres.enumerated().map { ($1, UInt32($0 + fixed.count)) }.sorted { $0.value < $1.value }
        self.fixed = fixed
    }

    private let fixed: [Float]

    /// Each centre at the mean of the values between the midpoints around it.
    private static func refined(_ centres: [Float], _ sorted: [Float]) -> [Float] {
        var next = centres
        var index = 0
        for bin in centres.indices {
            let upper = bin + 1 < centres.count ? (centres[bin] + centres[bin + 1]) / 2 : .infinity
            var (sum, count) = (0.0, 0)
            while index < sorted.count, sorted[index] <= upper {
                sum += Double(sorted[index])
                count += 1
                index += 1
            }
            if count > 0 { next[bin] = Float(sum / Double(count)) }
        }
        return next
    }

    /// The number of the nearest value.
    func code(_ value: Float) -> UInt32 {
        if let exact = fixed.firstIndex(where: { $0.bitPattern == value.bitPattern }) { return UInt32(exact) }
        var (lower, upper) = (0, ordered.count)
        while lower < upper {
            let middle = (lower + upper) / 2
            if ordered[middle].value < value { lower = middle + 1 } else { upper = middle }
        }
        guard lower > 0 else { return ordered.first?.code ?? 0 }
        guard lower < ordered.count else { return ordered[lower - 1].code }
        let isLower = value - ordered[lower - 1].value < ordered[lower].value - value
        return ordered[isLower ? lower - 1 : lower].code
    }
}
