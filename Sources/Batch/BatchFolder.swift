import Files
import Foundation

/// The folder of a run's results: the mirrored tree, the ledger, the results of all together, and `.utter`, in which
/// running processes have their locks and unfinished files.
public struct BatchFolder: Sendable {
    /// The folder.
    public let path: RawPath

    /// Names a folder, which need not be there.
    public init(_ path: String) { self.path = RawPath(path) }

    init(_ path: RawPath) { self.path = path }

    /// The ledger of all, or of one shard.
    func ledger(_ shard: Shard?) -> RawPath { file("ledger", shard, "sqlite") }
    /// The results of all, as JSON lines.
    func jsonLines(_ shard: Shard?) -> RawPath { file("results", shard, "jsonl") }
    /// The results of all, as a table.
    func table(_ shard: Shard?) -> RawPath { file("results", shard, "csv") }
    /// The page that ``BatchReport`` becomes.
    public var report: RawPath { path.appending(RawPath("report.html")) }
    /// Locks and unfinished files.
    var hidden: RawPath { path.appending(RawPath(".utter")) }

    private func file(_ name: String, _ shard: Shard?, _ ending: String) -> RawPath {
        path.appending(RawPath("\(name)\(shard.map { $0.count > 1 ? $0.suffix : "" } ?? "").\(ending)"))
    }

    /// The shards whose ledgers are here, by count and index.
    func shards() -> [Shard] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path.text)) ?? []
        return names.compactMap { name -> Shard? in
            guard name.hasPrefix("ledger-"), name.hasSuffix(".sqlite") else { return nil }
            let parts = name.dropFirst("ledger-".count).dropLast(".sqlite".count).split(separator: "-")
            guard parts.count == 3, parts[1] == "of" else { return nil }
            return Shard("\(parts[0])/\(parts[2])")
        }.sorted { ($0.count, $0.index) < ($1.count, $1.index) }
    }

    /// Makes the folder where it is missing.
    /// - Throws: ``BatchError`` where it cannot be made, is no folder, or holds what is none of our results: a recording's
    ///   own text might be replaced.
    func prepare() throws(BatchError) {
        guard path.isText else {
            throw BatchError(path, "has a name that is not UTF-8", mend: "give another folder with --output")
        }
        if hidden.status == nil {
            if let status = path.status {
                guard status.isFolder else {
                    throw BatchError(path, "is no folder", mend: "give another with --output")
                }
                let entries = (try? FileManager.default.contentsOfDirectory(atPath: path.text)) ?? []
                // Another process may have made the hidden folder just now, or a copy of the results have lost it.
                if !entries.isEmpty, !entries.contains(".utter"), ledger(nil).status == nil, shards().isEmpty {
                    throw BatchError(
                        path, "holds files and no ledger, so its files are not results of utter",
                        mend: "give a new or empty folder with --output")
                }
            }
            try Self.require(hidden)
        }
        guard access(path.cString, W_OK) == 0 else { throw .writing(path, code: errno) }
    }

    /// Refuses a run that would do again what shards have done.
    /// - Throws: ``BatchError`` where there are ledgers of shards that are not merged, and the run is of none or of
    ///   another number of them.
    func check(_ shard: Shard?) throws(BatchError) {
        guard let other = shards().first(where: { $0.count > 1 && $0.count != shard?.count ?? 1 }) else { return }
        if let shard, shard.count > 1 {
            throw BatchError(
                path, "holds results of \(other.count) shards, not of \(shard.count)",
                mend: "give --shard I/\(other.count), or another --output")
        }
        if ledger(nil).status == nil {
            throw BatchError(
                path, "holds results of shards that are not merged",
                mend: "give --shard I/\(other.count) to go on with one, or join them with utter batch merge")
        }
    }

    /// Makes a folder and those above it.
    static func require(_ folder: RawPath) throws(BatchError) {
        let code = make(folder)
        if code != 0 { throw .writing(folder, code: code) }
    }

    /// Makes a folder and those above it, and brings their names to the disk.
    /// - Returns: `errno`; 0 where it is there.
    static func make(_ folder: RawPath) -> Int32 {
        if folder.bytes.isEmpty { return 0 }
        if mkdir(folder.cString, 0o777) != 0 {
            let code = errno
            if code == EEXIST { return 0 }
            guard code == ENOENT, !folder.folder.bytes.isEmpty else { return code }
            let above = make(folder.folder)
            guard above == 0 else { return above }
            guard mkdir(folder.cString, 0o777) == 0 || errno == EEXIST else { return errno }
        }
        folder.folder.synchronise()
        return 0
    }
}
