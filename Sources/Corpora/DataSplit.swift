import Foundation
import Networks

/// Parts rows into train, dev and test so that no speaker is on two sides.
///
/// The same rows and seed give the same sides, in whatever order the rows stand.
public struct DataSplit: Sendable {
    /// One of the three.
    public struct Side: Sendable {
        /// `train`, `dev` or `test`.
        public let name: String
        /// Its rows, in the order in which they were given.
        public let rows: [ManifestRow]
        /// Seconds of audio.
        public let seconds: Double
        /// The share of all audio.
        public let share: Double
        /// The number of speakers that are named.
        public let speakers: Int
    }

    /// Train and dev, and test where it was asked for.
    public let sides: [Side]
    /// Rows that name no speaker; each was a speaker of its own, so that one voice may be on two sides.
    public let rowsWithoutSpeaker: Int

    /// Parts the rows.
    /// - Parameters:
    ///   - rows: rows with durations; one without counts as a second.
    ///   - dev: the share of all audio for dev, above 0.
    ///   - test: the share for test; 0 for none.
    ///   - seed: another seed, other sides.
    /// - Throws: ``DataError`` where there are fewer speakers than sides.
    public init(_ rows: [ManifestRow], dev: Double, test: Double = 0, seed: UInt64 = 1) throws(DataError) {
        precondition(dev > 0 && test >= 0 && dev + test < 1)
        var groups: [String: Group] = [:]
        for (index, row) in rows.enumerated() {
            // The prefix keeps a speaker from being taken for a recording.
            let key = row.entry.speaker.map { "speaker \($0)" } ?? "recording \(row.entry.audioFilePath)"
            groups[key, default: Group(key: key)].add(index, row.entry.duration ?? 1)
        }
        let wanted = [("dev", dev)] + (test > 0 ? [("test", test)] : [])
        guard groups.count > wanted.count else {
            let path = rows.first?.manifest ?? "the manifest"
            throw DataError(
                path, "\(groups.count) speakers cannot be on \(wanted.count + 1) sides",
                mend: "give data of more speakers, or fewer sides")
        }
        let total = groups.values.reduce(0) { $0 + $1.seconds }
        var numbers = SplitMix64(seed: seed)
        var left = numbers.shuffled(groups.values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
        var sides: [(String, [Group])] = []
        for (place, (name, share)) in wanted.enumerated() {
            // Each side after this one, train among them, needs at least one speaker.
            let most = left.count - (wanted.count - place)
            let chosen = Set(Self.choose(left.map(\.seconds), target: share * total, most: most))
            sides.append((name, left.indices.filter(chosen.contains).map { left[$0] }))
            left = left.indices.filter { !chosen.contains($0) }.map { left[$0] }
        }
        sides.insert(("train", left), at: 0)
        self.sides = sides.map { name, groups in
            let seconds = groups.reduce(0) { $0 + $1.seconds }
            let indices = groups.flatMap(\.rows).sorted()
            return Side(
                name: name, rows: indices.map { rows[$0] }, seconds: seconds, share: total > 0 ? seconds / total : 0,
                speakers: groups.count { $0.key.hasPrefix("speaker ") })
        }
        rowsWithoutSpeaker = rows.count { $0.entry.speaker == nil }
    }

    /// The rows of a speaker.
    private struct Group {
        let key: String
        var rows: [Int] = []
        var seconds = 0.0

        init(key: String) { self.key = key }

        mutating func add(_ row: Int, _ duration: Double) {
            rows.append(row)
            seconds += duration
        }
    }

    /// The indices of weights whose sum is as near as possible to a target: at least one, at most `most` of them.
    ///
    /// Subset sum by dynamic programming over ten thousandths of twice the target. Of more than two thousand weights,
    /// those in front are taken until nine tenths of the target are reached, and the rest is found among the next two
    /// thousand; there, many small weights make any sum.
    static func choose(_ weights: [Double], target: Double, most: Int) -> [Int] {
        let few = 2_000
        var taken: [Int] = []
        var sum = 0.0
        if weights.count > few {
            for index in weights.indices.dropLast(few) where taken.count < most / 2 {
                if sum >= 0.9 * target { break }
                if sum + weights[index] > target { continue }
                taken.append(index)
                sum += weights[index]
            }
        }
        let candidates = weights.indices.drop { $0 <= (taken.last ?? -1) }.prefix(few)
        taken += nearest(
            candidates.map { ($0, weights[$0]) }, target: target - sum, atLeast: taken.isEmpty ? 1 : 0,
            atMost: most - taken.count)
        return taken
    }

    private static func nearest(
        _ weights: [(index: Int, weight: Double)], target: Double, atLeast: Int, atMost: Int
    ) -> [Int] {
        let units = 20_000
        let unit = max(2 * target, 1e-9) / Double(units)
        let smallest = weights.min { $0.weight < $1.weight }.map { [$0.index] } ?? []
        // reached[s]: the first weight whose coming made the sum s possible, and how many make it up.
        var reached = [(weight: Int, count: Int)?](repeating: nil, count: units + 1)
        reached[0] = (-1, 0)
        var highest = 0
        let rounded = weights.map { Int(min($0.weight / unit, Double(units + 1)).rounded()) }
        for (place, size) in rounded.enumerated() where size > 0 && size <= units {
            for sum in stride(from: min(highest, units - size), through: 0, by: -1) {
                guard let before = reached[sum], before.count < atMost, reached[sum + size] == nil else { continue }
                reached[sum + size] = (place, before.count + 1)
                highest = max(highest, sum + size)
            }
        }
        let sums = reached.indices.filter { sum in reached[sum].map { $0.count >= atLeast } ?? false }
        guard var sum = sums.min(by: { abs($0 - units / 2) < abs($1 - units / 2) }) else { return smallest }
        var chosen: [Int] = []
        while let step = reached[sum], step.weight >= 0 {
            chosen.append(weights[step.weight].index)
            sum -= rounded[step.weight]
        }
        return chosen.reversed()
    }
}
