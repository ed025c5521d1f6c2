import Foundation
import Pronunciation
import TestSupport

/// A small lexicon of this package.
enum Samples {
    static let lexicon = Folders.package.appendingPathComponent("audio/household.lexicon.txt").path

    /// Phones by their symbols.
    static func phones(_ symbols: String) -> [UInt8] {
        PhoneAlphabet.arpabet.phones(of: symbols.split(separator: " ")) ?? []
    }

    static func entry(_ word: String, _ pronunciations: String...) -> LexiconEntry {
        LexiconEntry(
            word: word,
            pronunciations: pronunciations.map {
                Pronunciation(phones: phones($0), probability: 1 / Float(pronunciations.count))
            })
    }

    static func text(_ pronunciations: [Pronunciation]) -> [String] {
        pronunciations.map { PhoneAlphabet.arpabet.text(of: $0.phones) }
    }
}
