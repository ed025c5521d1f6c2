import Testing
import Text

@Suite struct TypedTextTests {
    @Test(
        "what is spoken of a written text",
        arguments: [
            ("Turn on the lamp.", "Turn on the lamp"), ("mother-in-law’s", "mother in law's"), ("'tis", "'tis"),
            ("‘yes’ and 'no'", "yes and no"), ("a\u{A0}b\u{2003}c", "a b c"), ("la\u{AD}mp\u{200B}", "lamp"),
            ("well -- no … 5%", "well no 5%"),
            ("yes,no", "yes no"), ("the lamp…play", "the lamp play"), ("(a)b \"hi\"there", "a b hi there"),
            ("u.s.a.", "usa"), ("...", ""), ("<unk> stays", "<unk> stays"), ("don`t", "don't"),
        ])
    func spoken(written: String, expected: String) { #expect(written.asSpoken == expected) }

    @Test("characters that nobody sees go, all white space is one kind, the rest stays")
    func invisible() {
        #expect("\u{FEFF}a\u{A0}b\u{AD}c\u{200D}".withoutInvisibleCharacters == "a bc")
        #expect("Stop. Don’t - é".withoutInvisibleCharacters == "Stop. Don’t - é")
        #expect("a\tb".withoutInvisibleCharacters == "a b")
    }

    @Test("texts that differ by typography alone have one key, others have not")
    func keys() {
        for twins in [("Stop.", "stop"), ("don't", "don’t"), ("lights on", "Lights-On"), ("e\u{301}", "é")] {
            #expect(twins.0.withoutTypography == twins.1.withoutTypography)
        }
        #expect("?".withoutTypography != "!".withoutTypography)
        #expect("on".withoutTypography != "off".withoutTypography)
    }

    @Test("files that are no UTF-8 text are known by their beginning")
    func beginnings() {
        func reason(_ bytes: [UInt8]) -> String { FileBeginning.problem(bytes)?.reason ?? "" }
        let text = Array("turn on the lamp\n".utf8)
        #expect(FileBeginning.problem(text) == nil && FileBeginning.problem([]) == nil)
        #expect(FileBeginning.problem([0xef, 0xbb, 0xbf] + text) == nil)
        #expect(reason(text.flatMap { [$0, 0] }).contains("UTF-16"))
        #expect(reason(text.flatMap { [0, $0] }).contains("UTF-16"))
        #expect(reason([0xff, 0xfe, 0x41, 0]).contains("UTF-16"))
        #expect(reason(Array("BZh91AY".utf8)).contains("bzip2"))
        #expect(reason(Array("PK\u{3}\u{4}..".utf8)).contains("zip"))
    }
}
