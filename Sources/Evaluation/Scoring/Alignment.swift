/// How a hypothesis comes out of a reference with the fewest edits (Levenshtein 1966).
///
/// Where several ways are equally short, substitutions are preferred to a deletion and an insertion.
public struct Alignment<Token: Hashable & Sendable>: Sendable {
    /// One place of the alignment.
    public enum Step: Sendable, Equatable {
        /// The same in both.
        case hit(Token)
        /// One for another.
        case substitution(reference: Token, hypothesis: Token)
        /// Only in the reference.
        case deletion(Token)
        /// Only in the hypothesis.
        case insertion(Token)
    }

    /// The steps from start to end.
    public let steps: [Step]

    /// Aligns two sequences: time O(n m), memory at most 16 MiB beside the sequences themselves (Hirschberg 1975 above
    /// that).
    public init(reference: [Token], hypothesis: [Token]) {
        steps = Self.align(reference[...], hypothesis[...], cells: 1 << 24)
    }

    /// - Parameter cells: above so many, the sequences are parted first.
    package static func align(_ reference: ArraySlice<Token>, _ hypothesis: ArraySlice<Token>, cells: Int) -> [Step] {
        let (rows, columns) = (reference.count + 1, hypothesis.count + 1)
        guard rows > 2, rows.multipliedReportingOverflow(by: columns).overflow || rows * columns > cells else {
            return direct(Array(reference), Array(hypothesis))
        }
        // The half of the reference goes with that part of the hypothesis for which both halves cost least.
        let middle = reference.startIndex + reference.count / 2
        let (first, second) = (reference[..<middle], reference[middle...])
        let before = lastRow(Array(first), Array(hypothesis))
        let after = lastRow(Array(second.reversed()), Array(hypothesis.reversed()))
        var best = 0
        for cut in 0..<columns where before[cut] + after[columns - 1 - cut] < before[best] + after[columns - 1 - best] {
            best = cut
        }
        let cut = hypothesis.startIndex + best
        return align(first, hypothesis[..<cut], cells: cells) + align(second, hypothesis[cut...], cells: cells)
    }

    /// The cost of the whole reference against each beginning of the hypothesis.
    private static func lastRow(_ reference: [Token], _ hypothesis: [Token]) -> [Int] {
        var row = Array(0...hypothesis.count)
        for (number, token) in reference.enumerated() {
            var diagonal = row[0]
            row[0] = number + 1
            for column in hypothesis.indices {
                let substitution = diagonal + (token == hypothesis[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(substitution, row[column] + 1, diagonal + 1)
            }
        }
        return row
    }

    private enum Move: UInt8 {
        case both, deletion, insertion
    }

    private static func direct(_ reference: [Token], _ hypothesis: [Token]) -> [Step] {
        let columns = hypothesis.count + 1
        var moves = [Move](repeating: .insertion, count: (reference.count + 1) * columns)
        var row = Array(0...hypothesis.count)
        for (number, token) in reference.enumerated() {
            var diagonal = row[0]
            row[0] = number + 1
            moves[(number + 1) * columns] = .deletion
            for column in hypothesis.indices {
                let both = diagonal + (token == hypothesis[column] ? 0 : 1)
                let (deletion, insertion) = (row[column + 1] + 1, row[column] + 1)
                diagonal = row[column + 1]
                let best = min(both, deletion, insertion)
                row[column + 1] = best
                moves[(number + 1) * columns + column + 1] =
                    both == best ? .both : deletion == best ? .deletion : .insertion
            }
        }
        var steps: [Step] = []
        var (i, j) = (reference.count, hypothesis.count)
        while i > 0 || j > 0 {
            switch moves[i * columns + j] {
            case .both:
                (i, j) = (i - 1, j - 1)
                let same = reference[i] == hypothesis[j]
                steps.append(
                    same
                        ? .hit(reference[i]) : .substitution(reference: reference[i], hypothesis: hypothesis[j]))
            case .deletion:
                i -= 1
                steps.append(.deletion(reference[i]))
            case .insertion:
                j -= 1
                steps.append(.insertion(hypothesis[j]))
            }
        }
        return steps.reversed()
    }
}
