/// Where results go.
protocol OutcomeSink: Sendable {
    /// Takes what became of recordings; one thread at a time gives.
    func accept(_ outcomes: [Outcome]) throws
}
