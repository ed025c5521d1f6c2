import Messages

/// What an optimiser or an average remembers from step to step, as named tensors and integers for a checkpoint.
///
/// Restoring it continues bit for bit: float32 and integers are all there is, and both are kept as they are.
public struct TrainingState: Sendable, Equatable, Codable {
    /// Numbers such as a count of steps.
    public var integers: [String: Int]
    /// Tensors, each as its elements; `NAME.3` belongs to parameter 3.
    public var tensors: [String: [Float]]

    /// Takes both.
    public init(integers: [String: Int] = [:], tensors: [String: [Float]] = [:]) {
        self.integers = integers
        self.tensors = tensors
    }

    /// Stores a list of tensors as `NAME.0`, `NAME.1` and so on.
    mutating func set(_ name: String, _ list: [[Float]]) {
        for (index, tensor) in list.enumerated() { tensors["\(name).\(index)"] = tensor }
    }

    /// Stores a list of integers as `NAME.0`, `NAME.1` and so on.
    mutating func set(_ name: String, _ list: [Int]) {
        for (index, value) in list.enumerated() { integers["\(name).\(index)"] = value }
    }

    /// The tensors `NAME.0`, `NAME.1` and so on, of the given sizes.
    func list(_ name: String, sizes: [Int]) throws(TrainingStateError) -> [[Float]] {
        var list: [[Float]] = []
        for (index, size) in sizes.enumerated() {
            let name = "\(name).\(index)"
            guard let tensor = tensors[name] else { throw .missing(name) }
            guard tensor.count == size else { throw .wrongSize(name, expected: size, found: tensor.count) }
            list.append(tensor)
        }
        return list
    }

    /// An integer that is 0 or more.
    func count(_ name: String) throws(TrainingStateError) -> Int {
        guard let value = integers[name] else { throw .missing(name) }
        guard value >= 0 else { throw .negative(name, value) }
        return value
    }
}

/// Why a state cannot be restored.
public enum TrainingStateError: UtterError, Equatable {
    /// There is no tensor or integer of this name.
    case missing(String)
    /// A tensor has not the size of its parameter.
    case wrongSize(String, expected: Int, found: Int)
    /// A count is below zero.
    case negative(String, Int)

    /// What is wrong and what to do.
    public var fault: Fault { Fault(.mismatch, sentence: sentence) }

    private var sentence: String {
        let mend = "resume with the model and the optimiser that wrote the checkpoint, or start afresh from its weights"
        switch self {
        case .missing(let name):
            return "the saved state has no '\(name)': \(mend)"
        case .wrongSize(let name, let expected, let found):
            return "'\(name)' of the saved state has \(found) elements where the model has \(expected): \(mend)"
        case .negative(let name, let value):
            return "'\(name)' of the saved state is \(value), below 0: the checkpoint is damaged; use an earlier one"
        }
    }
}
