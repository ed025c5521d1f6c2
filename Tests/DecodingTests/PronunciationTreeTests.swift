import CTC
import LanguageModel
import TestSupport
import Testing

import Decoding

@Suite struct PronunciationTreeTests {
    /// Builds a tree of pronunciations as they come; nil where one is refused.
    private func built(_ pronunciations: [[UInt8]]) -> PronunciationTree? {
        var builder = PronunciationTree.Builder(phones: 0, words: 0)
        for (number, phones) in pronunciations.enumerated() {
            let isTaken = phones.withUnsafeBufferPointer {
                builder.add(
                    $0, .init(word: UInt32(number), logProbability: -Float(number)), weight: -Float(number % 7))
            }
            guard isTaken else { return nil }
        }
        return builder.tree()
    }

    private func reached(_ tree: PronunciationTree, _ phones: [UInt8]) -> UInt32? {
        phones.reduce(PronunciationTree.root) { node, phone in node.flatMap { tree.child(of: $0, phone) } }
    }

    @Test("every pronunciation leads to its words, and nothing else does", arguments: [1, 2])
    func finds(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let words = (0..<2000).map { _ in
            (0..<Int.random(in: 1...6, using: &generator)).map { _ in UInt8.random(in: 0...5, using: &generator) }
        }.sorted { $0.lexicographicallyPrecedes($1) }
        let tree = try #require(built(words))
        let places = Dictionary(grouping: words.indices, by: { words[$0] })
        for (word, numbers) in places {
            let node = try #require(reached(tree, word))
            #expect(tree.endings(at: node).map { Int(tree.endings[$0].word) } == numbers)
        }
        #expect(tree.endings.count == words.count)
        for _ in 0..<2000 {
            let phones = (0..<Int.random(in: 1...7, using: &generator)).map { _ in
                UInt8.random(in: 0...6, using: &generator)
            }
            let isThere = words.contains { $0.starts(with: phones) }
            let found = reached(tree, phones)
            #expect((found != nil) == isThere)
            guard let found else { continue }
            let below = words.indices.filter { words[$0].starts(with: phones) }.map { -Float($0 % 7) }
            #expect(tree.nodes[Int(found)].greatest == below.max())
            #expect(tree.endings(at: found).count == places[phones]?.count ?? 0)
        }
        let prefixes = Set(words.flatMap { word in (0...word.count).map { Array(word.prefix($0)) } })
        #expect(tree.nodes.count == prefixes.count)
    }

    @Test("what is out of order or empty is refused")
    func order() {
        #expect(built([[1], [0]]) == nil)
        #expect(built([[1, 2], [1]]) == nil)
        #expect(built([[]]) == nil)
        #expect(built([[1], [1], [1, 0]]) != nil)
        #expect(built([]) != nil)
    }

    @Test("lists that do not fit say why")
    func misfits() throws {
        let folder = try TemporaryFolder()
        let model = try tinyWords(folder)
        func problem(_ list: PronunciationList, _ vocabulary: Vocabulary) -> String {
            do {
                _ = try SpokenWords(list, model: model, name: "x.lm", vocabulary: vocabulary)
                return ""
            } catch { return "\(error)" }
        }
        #expect(problem(Phones.list, Phones.tiny) == "")
        #expect(problem(Phones.list, Vocabulary(symbols: ["<blank>", "X", "Y"])).contains("boundary of words"))
        #expect(problem(Phones.list, Vocabulary(symbols: ["<blank>", " ", "X"])).contains("\"Y\""))
        let others = PronunciationList(symbols: ["X", "Y"], entries: [("nobody", [0], 0)])
        #expect(problem(others, Phones.tiny).contains("none of its words"))
        func raw(_ phones: [UInt8], _ starts: [UInt32], _ words: [UInt32]) -> PronunciationList {
            PronunciationList(
                symbols: ["X", "Y"], phones: phones, starts: starts, words: words,
                logProbabilities: words.map { _ in 0 }, wordCount: 2, text: { ["a", "ab"][$0] })
        }
        #expect(problem(raw([0, 1], [0, 1, 2], [0, 1]), Phones.tiny) == "")
        for bad in [
            raw([1, 0], [0, 1, 2], [0, 1]), raw([0, 7], [0, 1, 2], [0, 1]), raw([0, 1], [0, 1, 9], [0, 1]),
            raw([0, 1], [0, 1, 2], [0, 5]), raw([0, 1], [1, 0, 2], [0, 1]),
        ] {
            #expect(problem(bad, Phones.tiny).contains("not in order"))
        }
    }
}
