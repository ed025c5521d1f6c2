import Corpora
import Evaluation
import Testing

@Suite struct PhoneErrorsTests {
    @Test("phone errors are the fewest over all pronunciations; boundaries do not count")
    func phoneErrors() {
        let text = SpokenText(words: [[[2, 3], [4]], [[3]]], boundary: 1)
        #expect(PhoneErrors(reference: text, heard: [2, 3, 1, 3]).errors == 0)
        #expect(PhoneErrors(reference: text, heard: [4, 3]).errors == 0)
        #expect(PhoneErrors(reference: text, heard: [1, 4]).errors == 1)
        #expect(PhoneErrors(reference: text, heard: []).errors == 2)
        #expect(PhoneErrors(reference: text, heard: [5, 5, 5, 5]).errors == 4)
        var sum = PhoneErrors(reference: text, heard: [])
        sum += PhoneErrors(reference: text, heard: [4, 3])
        #expect(sum.errors == 2 && sum.phones == 6 && sum.rate == 2.0 / 6)
        #expect(PhoneErrors().rate == nil)
    }
}
