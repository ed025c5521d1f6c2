import AcousticModel
import CTC
import Foundation
import TestSupport
import Testing

@Suite struct PhraseScoresTests {
    private let characters = Vocabulary(symbols: ["<blank>", " ", "a", "b"])

    private let posteriors: LogProbabilities = {
        var generator = SeededGenerator(seed: 4)
        let rows = (0..<5).map { _ in (0..<4).map { _ in 2 * generator.uniform() }.logSoftmax }
        return LogProbabilities(classes: 4, values: rows.flatMap { $0 })
    }()

    /// The likelihood of a spelling, every path counted one by one.
    private func likelihood(_ labels: [Int]) -> Double {
        var total = 0.0
        for number in 0..<1024 {
            let path = (0..<5).map { (number >> (2 * $0)) & 3 }
            guard Collapse.labels(of: path) == labels else { continue }
            total += exp(path.enumerated().reduce(0.0) { $0 + Double(posteriors[$1.offset, $1.element]) })
        }
        return log(total)
    }

    @Test("a phrase scores half the likelihood of its spelling over all paths, and none half the best path")
    func scores() throws {
        let phrases = try #require(
            PhraseScores(phrases: ["ab", "b A", "a_b"], bias: [0, 0.25, -1, 3], vocabulary: characters))
        #expect(phrases.spellings.map { $0.map(\.labels) } == [[[2, 3]], [[3, 1, 2]], [[2, 1, 3]]])
        let z = phrases.scores(of: posteriors)
        for (index, spelling) in phrases.spellings.enumerated() {
            #expect(abs(Double(z[index] - phrases.bias[index]) - 0.5 * likelihood(spelling[0].labels)) < 1e-5)
        }
        let best = (0..<5).reduce(Float(0)) { $0 + (posteriors[$1].max() ?? 0) }
        #expect(abs(z[3] - 0.5 * best - 3) < 1e-5)
    }

    @Test("a phrase that is longer than the recording is never chosen; no step gives nothing at all")
    func impossible() throws {
        let phrases = try #require(PhraseScores(phrases: ["aaaaab", "b"], vocabulary: characters))
        #expect(phrases.scores(of: posteriors)[0] <= -1000)
        #expect(phrases.scores(of: LogProbabilities(classes: 4))[1] <= -1000)
    }

    @Test(
        "labels that cannot be spelled, or are spelled alike, make no phrases",
        arguments: [["abc"], ["ab", "AB"], ["a b", "a-b"], ["", "a"], ["--"], []])
    func refused(labels: [String]) {
        #expect(PhraseScores(phrases: labels, vocabulary: characters) == nil)
    }

    @Test("biases of another number than phrases and none are refused")
    func biases() {
        #expect(PhraseScores(phrases: ["a"], bias: [0], vocabulary: characters) == nil)
    }

    private let phones = Vocabulary(symbols: ["<blank>", " ", "AA", "B"], unit: .phone)

    @Test("of several pronunciations the likelihoods are summed, each by its weight")
    func pronunciations() throws {
        let ways = [
            PhraseScores.Spelling(labels: [2, 3], logWeight: log(0.75)),
            PhraseScores.Spelling(labels: [3], logWeight: log(0.25)),
        ]
        let phrases = try #require(
            PhraseScores(
                phrases: ["x", "y"], spellings: [ways, [PhraseScores.Spelling(labels: [2, 1, 3])]], bias: [0.5, 0, 1],
                vocabulary: phones))
        let sum = log(0.75 * exp(likelihood([2, 3])) + 0.25 * exp(likelihood([3])))
        #expect(abs(Double(phrases.scores(of: posteriors)[0]) - 0.5 * sum - 0.5) < 1e-5)
    }

    @Test(
        "spellings that are missing, empty, the same as another phrase's, or of classes that spell nothing make no phrases"
    )
    func badSpellings() {
        func phrases(_ spellings: [[[Int]]]) -> PhraseScores? {
            PhraseScores(
                phrases: spellings.indices.map { "\($0)" }, spellings: spellings.map { $0.map { .init(labels: $0) } },
                vocabulary: phones)
        }
        #expect(phrases([[[2]], [[3]]]) != nil)
        #expect(phrases([[[2]], [[3], [2]]]) != nil)
        for bad in [[[[2]], []], [[[2]], [[]]], [[[2], [3]], [[3], [2]]], [[[0]]], [[[4]]], [[[-1]]], []] as [[[[Int]]]]
        {
            #expect(phrases(bad) == nil, "\(bad)")
        }
    }
}
