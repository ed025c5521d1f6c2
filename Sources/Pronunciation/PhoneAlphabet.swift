import Messages

/// The phones that pronunciations are written in: a list of symbols, numbered from 0.
///
///     let phones = PhoneAlphabet.arpabet.phones(of: ["HH", "AH0", "L", "OW1"])    // stress is dropped
///
/// Any language may bring its own: at most 255 symbols without white space.
public struct PhoneAlphabet: Sendable, Hashable {
    /// The symbols by number.
    public let symbols: [String]
    private let numbers: [String: UInt8]

    /// The most symbols that an alphabet may have: a phone is one byte.
    public static let largest = 255

    /// The 39 phones of CMUdict without stress, in alphabetical order.
    public static let arpabet = PhoneAlphabet(
        known: """
            AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH
            """)

    /// The same with stress: each vowel three times, with 0 (none), 1 (primary) and 2 (secondary).
    public static let arpabetWithStress = PhoneAlphabet(
        known: arpabet.symbols.flatMap { symbol in
            "AEIOU".contains(symbol.prefix(1)) ? (0...2).map { "\(symbol)\($0)" } : [symbol]
        }.joined(separator: " "))

    private init(known symbols: String) {
        self.symbols = symbols.split(whereSeparator: \.isWhitespace).map(String.init)
        numbers = Self.numbers(of: self.symbols)
    }

    /// - Throws: ``PronunciationError/badAlphabet(reason:)`` where there is no symbol or there are too many, or where one
    ///   is empty, has white space or control characters, or is there twice.
    public init(symbols: [String]) throws {
        guard (1...Self.largest).contains(symbols.count) else {
            throw PronunciationError.badAlphabet(reason: "it has \(symbols.count) phones, and 1 to 255 are possible")
        }
        var seen: Set<String> = []
        for symbol in symbols {
            guard !symbol.isEmpty, !symbol.unicodeScalars.contains(where: Self.isBreaking) else {
                throw PronunciationError.badAlphabet(
                    reason: "the phone \(OneLine.quoted(symbol)) is empty or has white space in it")
            }
            guard seen.insert(symbol).inserted else {
                throw PronunciationError.badAlphabet(reason: "the phone \(OneLine.quoted(symbol)) is there twice")
            }
        }
        self.symbols = symbols
        numbers = Self.numbers(of: symbols)
    }

    private static func numbers(of symbols: [String]) -> [String: UInt8] {
        Dictionary(zip(symbols, 0..<UInt8.max)) { first, _ in first }
    }

    private static func isBreaking(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
    }

    /// How many phones there are.
    public var count: Int { symbols.count }

    /// The number of a symbol. One that the alphabet lacks is looked up without the stress digit (0, 1, 2) at its end.
    /// - Parameter droppingStress: false takes symbols only as they are.
    public func number(of symbol: some StringProtocol, droppingStress: Bool = true) -> UInt8? {
        if let number = numbers[String(symbol)] { return number }
        guard droppingStress, let last = symbol.last, "012".contains(last)
        else { return nil }
        return numbers[String(symbol.dropLast())]
    }

    /// The numbers of symbols; nil where one is unknown.
    public func phones(of symbols: some Sequence<some StringProtocol>) -> [UInt8]? {
        var phones: [UInt8] = []
        for symbol in symbols {
            guard let number = number(of: symbol) else { return nil }
            phones.append(number)
        }
        return phones
    }

    /// The symbols of phones, with spaces between; `?` for a number that is none.
    public func text(of phones: some Sequence<UInt8>) -> String {
        phones.map { Int($0) < count ? symbols[Int($0)] : "?" }.joined(separator: " ")
    }

    /// Two alphabets are equal where their symbols are.
    public static func == (a: Self, b: Self) -> Bool { a.symbols == b.symbols }

    /// Hashes the symbols.
    public func hash(into hasher: inout Hasher) { hasher.combine(symbols) }
}
