import Corpora
import TestSupport
import Testing

@Suite struct SplitTests {
    /// Forty speakers with two to eleven recordings each.
    private let rows: [ManifestRow] = {
        var generator = SeededGenerator(seed: 7)
        return (0..<40).flatMap { speaker in
            (0..<Int.random(in: 2...11, using: &generator)).map { number in
                row("\(speaker)-\(number).wav", seconds: .random(in: 1...9, using: &generator), speaker: "s\(speaker)")
            }
        }
    }()

    private func names(_ split: DataSplit) -> [[String]] { split.sides.map { $0.rows.map(\.entry.audioFilePath) } }

    @Test func noSpeakerIsOnTwoSidesAndNoRowIsLost() throws {
        let split = try DataSplit(rows, dev: 0.1, test: 0.2)
        let speakers = split.sides.map { Set($0.rows.compactMap(\.entry.speaker)) }
        #expect(split.sides.map(\.name) == ["train", "dev", "test"])
        #expect(speakers[0].isDisjoint(with: speakers[1]) && speakers[0].isDisjoint(with: speakers[2]))
        #expect(speakers[1].isDisjoint(with: speakers[2]))
        #expect(names(split).joined().sorted() == rows.map(\.entry.audioFilePath).sorted())
        #expect(split.sides.map(\.speakers).reduce(0, +) == 40)
    }

    @Test func sharesAreMetAsNearlyAsWholeSpeakersAllow() throws {
        let split = try DataSplit(rows, dev: 0.1, test: 0.2)
        #expect(abs(split.sides[1].share - 0.1) < 0.001 && abs(split.sides[2].share - 0.2) < 0.001)
    }

    @Test func theSameSeedGivesTheSameSidesWhateverTheOrder() throws {
        let split = try DataSplit(rows, dev: 0.2, seed: 3)
        #expect(try names(DataSplit(rows, dev: 0.2, seed: 3)) == names(split))
        let reversed = try DataSplit(rows.reversed(), dev: 0.2, seed: 3)
        #expect(Set(names(reversed)[1]) == Set(names(split)[1]))
        #expect(try names(DataSplit(rows, dev: 0.2, seed: 4)) != names(split))
    }

    @Test func everySideHasASpeakerHoweverLongTheyAre() throws {
        let three = ["a", "b", "c"].map { (name: String) in row("\(name).wav", seconds: 100, speaker: name) }
        #expect(try DataSplit(three, dev: 0.01, test: 0.01).sides.map(\.rows.count) == [1, 1, 1])
        #expect(try DataSplit(three, dev: 0.9).sides.map(\.rows.count) == [1, 2])
        let refusal = message { _ = try DataSplit(Array(three.dropLast()), dev: 0.1, test: 0.1) }
        #expect(refusal?.contains("2 speakers cannot be on 3 sides") == true)
    }

    @Test func rowsWithoutSpeakerArePartedOneByOne() throws {
        let rows = (0..<5_000).map { row("\($0).wav", seconds: 2) }
        let split = try DataSplit(rows, dev: 0.1)
        #expect(split.rowsWithoutSpeaker == 5_000)
        #expect(split.sides[1].rows.count == 500)
        #expect(split.sides[1].rows.contains { $0.entry.audioFilePath.count == 8 })
    }

    @Test func rowsOfNoLengthMakeNoTrouble() throws {
        let rows = (0..<4).map { row("\($0).wav", seconds: 0, speaker: "\($0)") }
        #expect(try DataSplit(rows, dev: 0.25).sides.map(\.rows.count) == [3, 1])
    }
}
