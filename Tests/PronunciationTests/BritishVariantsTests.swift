import Pronunciation
import Testing

@Suite struct BritishVariantsTests {
    @Test(
        "rules",
        arguments: [
            ("car", "K AA R", "K AA"), ("letter", "L EH T ER", "L EH T AH"), ("bird", "B ER D", ""),
            ("near", "N IH R", "N IH AH"), ("very", "V EH R IY", ""), ("her", "HH ER", ""),
            ("part", "P AA R T", "P AA T"), ("fire", "F AY ER", "F AY AH"), ("ask", "AE S K", "AA S K"),
            ("dancing", "D AE N S IH NG", "D AA N S IH NG"), ("passion", "P AE SH AH N", ""),
            ("hot", "HH AA T", "HH AO T"), ("father", "F AA DH ER", "F AA DH AH"), ("want", "W AA N T", "W AO N T"),
            ("secretary", "S EH K R AH T EH R IY", "S EH K R AH T R IY"), ("very", "V EH R IY", ""),
            ("missile", "M IH S AH L", "M IH S AY L"), ("new", "N UW", "N Y UW"), ("noon", "N UW N", ""),
            ("to", "T UW", ""), ("tune", "T UW N", "T Y UW N"), ("cat", "K AE T", ""),
        ])
    func rules(word: String, american: String, british: String) throws {
        let variants = try #require(BritishVariants(alphabet: .arpabet))
            .variants(of: word, phones: Samples.phones(american))
        #expect(PhoneAlphabet.arpabet.text(of: variants.first ?? []) == british)
    }

    @Test("variants are less probable than what they were made from, and probabilities still sum up to 1")
    func extended() throws {
        var entry = Samples.entry("doctor", "D AA K T ER")
        try #require(BritishVariants(alphabet: .arpabet)).extend(&entry)
        #expect(Samples.text(entry.pronunciations) == ["D AA K T ER", "D AO K T AH", "D AA K T AH"])
        #expect(abs(entry.pronunciations.reduce(0) { $0 + $1.probability } - 1) < 1e-6)
        #expect(abs(entry.pronunciations[1].probability / entry.pronunciations[0].probability - 0.3) < 1e-6)
        #expect(BritishVariants(alphabet: .arpabetWithStress) == nil)
    }
}
