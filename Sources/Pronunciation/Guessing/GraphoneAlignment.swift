import Foundation

/// Letters and phones of one pronunciation as numbers.
package struct GraphoneSample {
    package var letters: [UInt8]
    package var phones: [UInt8]

    package init(letters: [UInt8], phones: [UInt8]) { (self.letters, self.phones) = (letters, phones) }
}

/// Aligns the letters of words with their phones, by expectation and maximisation over all segmentations into graphones
/// (Jiampojamarn et al. 2007, "Applying many-to-many alignments and hidden Markov models to letter-to-phoneme conversion").
///
///     forward(i, j) = sum over kinds (l letters, p phones) of forward(i - l, j - p) q(the unit between)
///
/// A pass costs some four products for each letter and phone of a word. Where a unit of several letters or phones stands
/// for fewer factors, a maximum of the likelihood would take the longest ones everywhere; so the best segmentation weighs
/// a unit's logarithm by the longer of its sides, as Phonetisaurus does.
package struct GraphoneAlignment {
    /// How many letters and phones a unit has.
    static let kinds: [(letters: Int, phones: Int)] = [(1, 0), (1, 1), (1, 2), (2, 1)]

    private let letterCount: Int
    private let phoneCount: Int
    /// q of every possible unit, kind by kind.
    private var probabilities: [Double]
    private var counts: [Double]
    private var forward: [Double] = []
    private var backward: [Double] = []

    /// All units of a kind are alike at first; one letter with one phone is preferred.
    package init(letters: Int, phones: Int) {
        (letterCount, phoneCount) = (letters, phones)
        let sizes = [
            letters, letters * phones, letters * phones * phones, letters * letters * phones,
        ]
        let weights = [0.05, 1, 0.02, 0.02]
        let sum = zip(sizes, weights).reduce(0) { $0 + Double($1.0) * $1.1 }
        probabilities = zip(sizes, weights).flatMap { [Double](repeating: $1 / sum, count: $0) }
        counts = [Double](repeating: 0, count: probabilities.count)
    }

    /// The place of the unit that ends before these letters and phones.
    @inline(__always)
    private func unit(_ kind: Int, _ sample: GraphoneSample, _ i: Int, _ j: Int) -> Int {
        let (letters, phones) = (letterCount, phoneCount)
        let letter = Int(sample.letters[i - 1])
        switch kind {
        case 0: return letter
        case 1: return letters + letter * phones + Int(sample.phones[j - 1])
        case 2:
            let pair = Int(sample.phones[j - 2]) * phones + Int(sample.phones[j - 1])
            return letters + letters * phones + letter * phones * phones + pair
        default:
            let pair = Int(sample.letters[i - 2]) * letters + letter
            return letters + letters * phones + letters * phones * phones + pair * phones + Int(sample.phones[j - 1])
        }
    }

    /// One pass: expected counts under the current q become the new q.
    /// - Returns: the mean log-likelihood of the samples that have a segmentation.
    package mutating func improve(on samples: [GraphoneSample]) -> Double {
        for index in counts.indices { counts[index] = 0 }
        var (sum, aligned) = (0.0, 0)
        for sample in samples {
            let total = collect(sample)
            guard total > 0 else { continue }
            sum += log(total)
            aligned += 1
        }
        let all = counts.reduce(0, +)
        if all > 0 { for index in counts.indices { probabilities[index] = counts[index] / all } }
        return aligned > 0 ? sum / Double(aligned) : -.infinity
    }

    /// Adds the expected counts of a sample; 0 where it has no segmentation.
    private mutating func collect(_ sample: GraphoneSample) -> Double {
        let (rows, width) = (sample.letters.count, sample.phones.count + 1)
        let size = (rows + 1) * width
        if forward.count < size {
            forward = [Double](repeating: 0, count: size)
            backward = forward
        }
        for index in 0..<size { (forward[index], backward[index]) = (0, 0) }
        forward[0] = 1
        backward[size - 1] = 1
        for i in 1...rows {
            for j in 0..<width {
                var sum = 0.0
                for (kind, (l, p)) in Self.kinds.enumerated() where i >= l && j >= p {
                    let before = forward[(i - l) * width + j - p]
                    if before > 0 { sum += before * probabilities[unit(kind, sample, i, j)] }
                }
                forward[i * width + j] = sum
            }
        }
        let total = forward[size - 1]
        guard total > 0, total.isFinite else { return 0 }
        for i in stride(from: rows, to: 0, by: -1) {
            for j in stride(from: width - 1, through: 0, by: -1) {
                let after = backward[i * width + j]
                guard after > 0 else { continue }
                for (kind, (l, p)) in Self.kinds.enumerated() where i >= l && j >= p {
                    let here = unit(kind, sample, i, j)
                    let before = (i - l) * width + j - p
                    let share = probabilities[here] * after
                    backward[before] += share
                    counts[here] += forward[before] * share / total
                }
            }
        }
        return total
    }

    /// The best segmentation: how many letters and phones each unit has; nil where there is none.
    package func best(_ sample: GraphoneSample) -> [(letters: Int, phones: Int)]? {
        let (rows, width) = (sample.letters.count, sample.phones.count + 1)
        var costs = [Double](repeating: .infinity, count: (rows + 1) * width)
        var kinds = [UInt8](repeating: 0, count: costs.count)
        costs[0] = 0
        for i in 1...max(1, rows) where rows > 0 {
            for j in 0..<width {
                for (kind, (l, p)) in Self.kinds.enumerated() where i >= l && j >= p {
                    let probability = probabilities[unit(kind, sample, i, j)]
                    guard probability > 0 else { continue }
                    let cost = costs[(i - l) * width + j - p] - log(probability) * Double(max(l, p))
                    if cost < costs[i * width + j] {
                        (costs[i * width + j], kinds[i * width + j]) = (cost, UInt8(kind))
                    }
                }
            }
        }
        guard rows > 0, costs[costs.count - 1].isFinite else { return nil }
        var (i, j) = (rows, width - 1)
        var units: [(letters: Int, phones: Int)] = []
        while i > 0 {
            let kind = Self.kinds[Int(kinds[i * width + j])]
            units.append(kind)
            (i, j) = (i - kind.letters, j - kind.phones)
        }
        return units.reversed()
    }
}
