import Pronunciation
import Testing

@Suite struct PhoneAlphabetTests {
    @Test("ARPAbet has 39 phones in alphabetical order, and 69 with stress")
    func arpabet() {
        let symbols = PhoneAlphabet.arpabet.symbols
        #expect(symbols.count == 39 && symbols == symbols.sorted() && Set(symbols).count == 39)
        #expect(PhoneAlphabet.arpabetWithStress.count == 15 * 3 + 24)
    }

    @Test("stress is dropped where the alphabet has none, and kept where it has")
    func stress() throws {
        let plain = PhoneAlphabet.arpabet
        #expect(plain.number(of: "AH0") == plain.number(of: "AH"))
        #expect(plain.number(of: "AH0", droppingStress: false) == nil)
        #expect(plain.number(of: "AH3") == nil && plain.number(of: "0") == nil && plain.number(of: "") == nil)
        let stressed = PhoneAlphabet.arpabetWithStress
        #expect(stressed.number(of: "AH0") != stressed.number(of: "AH1"))
        let own = try PhoneAlphabet(symbols: ["a", "a0", "ʃ"])
        #expect(own.phones(of: ["a0", "ʃ", "a1"]) == [1, 2, 0])
        #expect(own.text(of: [2, 0, 9]) == "ʃ a ?")
    }

    @Test("symbols that are none are refused", arguments: [[], ["a", "a"], ["a b"], [""], ["a\u{0}"]])
    func bad(symbols: [String]) {
        #expect(throws: PronunciationError.self) { try PhoneAlphabet(symbols: symbols) }
    }

    @Test("255 phones are possible, 256 are not")
    func many() throws {
        let symbols = (0..<256).map { "p\($0)" }
        #expect(try PhoneAlphabet(symbols: Array(symbols.prefix(255))).number(of: "p254") == 254)
        #expect(throws: PronunciationError.self) { try PhoneAlphabet(symbols: symbols) }
    }
}
