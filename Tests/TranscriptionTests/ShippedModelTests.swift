import Foundation
import ShippedModel
import TestSupport
import Testing
import Transcription

@Suite struct ShippedModelTests {
    @Test("the shipped model lies beside what was built, with all that belongs to it, as it is in the checkout")
    func resource() throws {
        let names = ["english-small.safetensors", "english.lm", "english.lm.json", "english.lexicon"]
        let checkout = Folders.package.appendingPathComponent("models").path
        let whole = ShippedModel.folders.filter { folder in
            names.allSatisfy {
                FileManager.default.contentsEqual(atPath: "\(folder)/\($0)", andPath: "\(checkout)/\($0)")
            }
        }
        #expect(whole.last == checkout && whole.count == 2, "\(ShippedModel.folders)")
    }

    @Test("a name in a configuration is looked up, also in JSON")
    func name() throws {
        let json = Data(#"{"model": "english-small"}"#.utf8)
        let configuration = try JSONDecoder().decode(Recognizer.Configuration.self, from: json)
        #expect(try Recognizer(configuration).modelPath.hasSuffix("/models/english-small.safetensors"))
        #expect(throws: DefaultModelError.self) { try DefaultModel.path(named: "no-such-model") }
    }
}
