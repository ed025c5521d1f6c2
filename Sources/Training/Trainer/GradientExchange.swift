/// How those who train one model together bring their gradients to one. Each takes a part of every batch and makes the same step
/// with the same sum, so that all hold the same weights at any time.
///
/// One process has nobody to exchange with: ``SingleWorker``. Where several machines train together, their messages stand
/// behind this.
public protocol GradientExchange: Sendable {
    /// How many train together, at least 1.
    var workers: Int { get }
    /// Which of them this is, from 0.
    var worker: Int { get }
    /// Replaces each number by its sum over all workers, added in the order of the workers, so that all get the same bits.
    /// - Parameter tensors: of the same sizes for every worker.
    func sum(_ tensors: inout [[Float]]) throws
    /// The same for numbers of double precision, such as losses and counts.
    func sum(_ numbers: inout [Double]) throws
}

/// One worker, which keeps what it has.
public struct SingleWorker: GradientExchange {
    /// Nothing to set.
    public init() {}

    /// One.
    public var workers: Int { 1 }
    /// The first.
    public var worker: Int { 0 }
    /// Nothing to add.
    public func sum(_ tensors: inout [[Float]]) {}
    /// Nothing to add.
    public func sum(_ numbers: inout [Double]) {}
}
