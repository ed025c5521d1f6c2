import Foundation

/// How the runs on an output folder stand.
public struct BatchStatus: Sendable {
    /// A ledger: that of all recordings, or of a shard.
    public struct Part: Sendable {
        /// Nil: of all.
        public let shard: Shard?
        /// How its recordings stand.
        public let counts: LedgerCounts
    }

    /// The ledger of all, or the shards that were not yet merged.
    public let parts: [Part]
    /// All together.
    public let counts: LedgerCounts
    /// What the recordings were done with: name and sum of the model, options as JSON, how many.
    public let models: [(name: String, fingerprint: String, options: String, recordings: Int)]
    /// How many failed of each kind, the most first.
    public let kinds: [(kind: String, recordings: Int)]

    /// Whether shards have gone on since they were merged, which the counts do not know.
    public let isBehindShards: Bool

    /// Reads the ledgers of a folder.
    /// - Throws: ``BatchError`` where there are none.
    public init(_ folder: BatchFolder) throws {
        let ledgers = try folder.ledgers()
        parts = try ledgers.map { Part(shard: $0.shard, counts: try $0.ledger.counts()) }
        counts = parts.map(\.counts).reduce(LedgerCounts(), +)
        models = try ledgers.flatMap { try $0.ledger.models() }
        kinds = try Self.kinds(ledgers.map(\.ledger))
        let merged = folder.ledger(nil).status?.modified
        isBehindShards =
            merged.map { merged in
                folder.shards().contains { folder.ledger($0).status?.modified ?? merged > merged }
            } ?? false
    }

    static func kinds(_ ledgers: [Ledger]) throws -> [(kind: String, recordings: Int)] {
        var counts: [String: Int] = [:]
        for ledger in ledgers { for (kind, count) in try ledger.kinds() { counts[kind, default: 0] += count } }
        return counts.map { ($0.key, $0.value) }.sorted { ($1.recordings, $0.kind) < ($0.recordings, $1.kind) }
    }
}

extension BatchFolder {
    /// The ledger of all recordings; where there is none, those of the shards.
    func ledgers() throws(BatchError) -> [(shard: Shard?, ledger: Ledger)] {
        guard access(path.cString, R_OK | X_OK) == 0 || errno != EACCES else { throw .reading(path, code: EACCES) }
        if ledger(nil).status != nil { return [(nil, try Ledger(ledger(nil), .reading))] }
        let shards = shards()
        guard !shards.isEmpty else {
            throw BatchError(path, "holds no ledger", mend: "give the --output of a run of utter batch")
        }
        var result: [(shard: Shard?, ledger: Ledger)] = []
        for shard in shards { result.append((shard, try Ledger(ledger(shard), .reading))) }
        return result
    }
}
