import Batch
import Files
import Testing

/// Parts of the work for processes that know nothing of each other.
@Suite struct ShardTests {
    private let paths = (0..<5000).map { RawPath("talks/\($0 / 100)/recording \($0).wav") }

    @Test("every recording falls to one shard, and all get about as many", arguments: [1, 2, 3, 7, 64])
    func partition(count: Int) throws {
        let shards = try (1...count).map { try #require(Shard(index: $0, of: count)) }
        let taken = shards.map { shard in paths.filter(shard.takes).count }
        #expect(taken.reduce(0, +) == paths.count)
        for path in paths { #expect(shards.filter { $0.takes(path) }.count == 1) }
        let share = Double(paths.count) / Double(count)
        #expect(taken.allSatisfy { abs(Double($0) - share) < 5 * share.squareRoot() + 1 }, "\(taken)")
    }

    @Test("recordings whose results might have one name fall to one shard")
    func siblings() throws {
        for index in 1...8 {
            let shard = try #require(Shard(index: index, of: 8))
            for (a, b) in [("x/a.wav", "x/a.flac"), ("x/a.wav", "x/A.WAV"), ("x/a.wav", "x/a.wav.flac")] {
                #expect(shard.takes(RawPath(a)) == shard.takes(RawPath(b)))
            }
        }
    }

    @Test("how a shard is written")
    func text() {
        #expect(Shard("2/8") == Shard(index: 2, of: 8) && Shard("2/8")?.description == "2/8")
        for text in ["", "0/4", "5/4", "1", "1/0", "a/b", "1/2/3", "-1/2", "1/10001"] { #expect(Shard(text) == nil) }
    }

    @Test("a Slurm job array numbers the shards, from wherever it begins and by whatever step")
    func slurm() throws {
        func shard(_ id: Int, _ least: Int, _ most: Int, _ count: Int, _ step: Int = 1) throws -> Shard? {
            try Shard.fromSlurm([
                "SLURM_ARRAY_TASK_ID": "\(id)", "SLURM_ARRAY_TASK_MIN": "\(least)", "SLURM_ARRAY_TASK_MAX": "\(most)",
                "SLURM_ARRAY_TASK_COUNT": "\(count)", "SLURM_ARRAY_TASK_STEP": "\(step)",
            ])
        }
        #expect(try shard(0, 0, 3, 4) == Shard(index: 1, of: 4))
        #expect(try shard(4, 1, 4, 4) == Shard(index: 4, of: 4))
        #expect(try shard(14, 10, 18, 5, 2) == Shard(index: 3, of: 5))
        #expect(try shard(7, 7, 7, 1) == nil)
        #expect(try Shard.fromSlurm([:]) == nil)
        // --array=1,3,7
        #expect(throws: BatchError.self) { try shard(3, 1, 7, 3) }
    }
}
