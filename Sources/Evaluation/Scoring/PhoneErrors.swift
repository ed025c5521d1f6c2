import CTC
import Corpora

/// Phones that were heard wrongly: the fewest edits between what was heard and any of the ways in which a text may be said. The
/// boundaries of words do not count.
package struct PhoneErrors: Sendable, Equatable {
    /// Substitutions, deletions and insertions.
    package private(set) var errors = 0
    /// Phones of the texts, each word by its first pronunciation.
    package private(set) var phones = 0

    /// None yet.
    package init() {}

    /// - Parameter heard: labels.
    package init(reference: SpokenText, heard: [Int]) {
        let heard = heard.filter { $0 != reference.boundary }
        // The fewest edits between the text so far and each beginning of what was heard (Levenshtein 1966), over all
        // pronunciations of the words so far.
        var row = Array(0...heard.count)
        for pronunciations in reference.words {
            let ways = pronunciations.map { $0.reduce(row) { Self.row(after: $0, label: $1, heard) } }
            row = row.indices.map { place in ways.map { $0[place] }.min() ?? 0 }
            phones += pronunciations.first?.count ?? 0
        }
        errors = row[heard.count]
    }

    private static func row(after row: [Int], label: Int, _ heard: [Int]) -> [Int] {
        var next = [row[0] + 1]
        next.reserveCapacity(row.count)
        for (place, other) in heard.enumerated() {
            next.append(min(row[place] + (other == label ? 0 : 1), row[place + 1] + 1, next[place] + 1))
        }
        return next
    }

    /// The share of the phones; nil where there is none.
    package var rate: Double? { phones > 0 ? Double(errors) / Double(phones) : nil }

    package static func += (a: inout PhoneErrors, b: PhoneErrors) {
        a.errors += b.errors
        a.phones += b.phones
    }
}
