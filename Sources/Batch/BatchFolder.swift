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
                // Another process may have made the hidden folder just now.
                if !entries.isEmpty, !entries.contains(".utter") {
                    throw BatchError(
                        path, "holds files and no ledger, so its files are not results of utter",
                        mend: "give a new or empty folder with --output")
                }
            }
            try Self.make(hidden)
        }
        guard access(path.cString, W_OK) == 0 else { throw .writing(path, code: errno) }
    }

    /// Makes a folder and those above it.
    static func make(_ folder: RawPath) throws(BatchError) {
        if folder.bytes.isEmpty || mkdir(folder.cString, 0o777) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, !folder.folder.bytes.isEmpty else { throw .writing(folder, code: errno) }
        try make(folder.folder)
        guard mkdir(folder.cString, 0o777) == 0 || errno == EEXIST else { throw .writing(folder, code: errno) }
    }
}
