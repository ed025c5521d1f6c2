/// Where work comes from.
protocol WorkSource: Sendable {
    /// Recordings that share a batch; empty at the end. It may wait; one thread at a time asks.
    func next() throws -> [WorkItem]
}
