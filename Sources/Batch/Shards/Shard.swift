import Files
import Foundation

/// A part of the recordings, for one of several processes that know nothing of each other.
///
/// Every process lists all recordings and takes those whose name falls to it, so that no two take one and none is left.
public struct Shard: Sendable, Equatable, CustomStringConvertible {
    /// Counted from 1.
    public let index: Int
    /// How many there are.
    public let count: Int

    /// The most that there may be.
    public static let most = 10_000

    /// - Returns: nil unless 1 <= index <= count <= ``most``.
    public init?(index: Int, of count: Int) {
        guard (1...Self.most).contains(count), (1...count).contains(index) else { return nil }
        (self.index, self.count) = (index, count)
    }

    /// Reads `2/8`.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let index = parts[0], let count = parts[1] else { return nil }
        self.init(index: index, of: count)
    }

    /// What Slurm says of a task of a job array (`sbatch --array=0-7`); nil where this is none.
    /// - Throws: ``BatchError`` where the array's indices have gaps that tell no place in it.
    public static func fromSlurm(_ environment: [String: String]) throws(BatchError) -> Shard? {
        func number(_ name: String) -> Int? { environment["SLURM_ARRAY_TASK_\(name)"].flatMap { Int($0) } }
        guard let id = number("ID"), let count = number("COUNT"), count > 1 else { return nil }
        let (least, step) = (number("MIN") ?? 0, max(1, number("STEP") ?? 1))
        if let most = number("MAX"), most == least + (count - 1) * step, (id - least) % step == 0,
            let shard = Shard(index: (id - least) / step + 1, of: count)
        {
            return shard
        }
        throw BatchError(
            "SLURM_ARRAY_TASK_ID=\(id)", "has no plain place among the \(count) tasks of the array",
            mend: "give an array without gaps, such as --array=1-\(count), or --shard I/N")
    }

    /// Whether the results of a recording fall to this shard. Files of one folder whose names differ after the first dot
    /// alone fall to one shard: their results may need names that keep out of each other's way.
    package func takes(_ mirrored: RawPath) -> Bool {
        guard count > 1 else { return true }
        let name = mirrored.name
        let stem = name.dropFirst().firstIndex(of: RawPath.dot) ?? name.endIndex
        var sum = Fingerprint()
        sum.add(bytes: mirrored.bytes[..<stem].map(Ledger.folded))
        // The low bits of the sum alone depend on few bits of the bytes.
        return Int((sum.sum ^ sum.sum >> 32) % UInt64(count)) == index - 1
    }

    /// `2/8`.
    public var description: String { "\(index)/\(count)" }

    /// What stands in the names of its files: `-2-of-8`.
    var suffix: String { "-\(index)-of-\(count)" }
}
