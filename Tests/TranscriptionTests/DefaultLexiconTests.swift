import Foundation
import TestSupport
import Testing
import Transcription

@Suite struct DefaultLexiconTests {
    @Test("a lexicon is found beside its model by its name, and beside the shipped model by the shipped name")
    func beside() throws {
        let folder = try TemporaryFolder()
        let own = try folder.write([], to: "own.lexicon")
        #expect(DefaultModel.lexicon(beside: folder.path("own.safetensors")) == own)
        #expect(DefaultModel.lexicon(beside: folder.path("other.safetensors")) == nil)
        #expect(DefaultModel.lexicon(beside: folder.path("english-small.safetensors")) == nil)
        let shipped = try folder.write([], to: "english.lexicon")
        #expect(DefaultModel.lexicon(beside: folder.path("english-small.safetensors")) == shipped)
        #expect(DefaultModel.languageModel(beside: folder.path("own.safetensors")) == nil)
    }
}
