/// What an acoustic model says of a recording: for every step, the log-probability of every class.
public struct LogProbabilities: Sendable, Equatable {
    /// The number of classes, the blank among them.
    public let classes: Int
    /// [steps, classes], row-major, natural logarithms.
    public private(set) var values: [Float]

    /// Takes the values of all steps, one after the other.
    /// - Precondition: a whole number of steps.
    public init(classes: Int, values: [Float] = []) {
        precondition(classes > 0 && values.count % classes == 0)
        self.classes = classes
        self.values = values
    }

    /// The number of steps.
    public var steps: Int { values.count / classes }

    /// The log-probabilities of one step.
    public subscript(step: Int) -> ArraySlice<Float> { values[step * classes..<(step + 1) * classes] }

    /// The log-probability of a class at a step.
    public subscript(step: Int, label: Int) -> Float { values[step * classes + label] }

    /// Some of the steps.
    public subscript(steps: Range<Int>) -> LogProbabilities {
        LogProbabilities(
            classes: classes, values: Array(values[steps.lowerBound * classes..<steps.upperBound * classes]))
    }

    /// Some of the classes, as where a matrix holds those of two heads side by side.
    /// - Precondition: at least one, all of them there.
    public func columns(_ columns: Range<Int>) -> LogProbabilities {
        precondition(!columns.isEmpty && columns.lowerBound >= 0 && columns.upperBound <= classes)
        guard columns.count < classes else { return self }
        var chosen: [Float] = []
        chosen.reserveCapacity(steps * columns.count)
        for start in stride(from: 0, to: values.count, by: classes) {
            chosen += values[start + columns.lowerBound..<start + columns.upperBound]
        }
        return LogProbabilities(classes: columns.count, values: chosen)
    }

    /// Adds the steps of another recording's end.
    public mutating func append(_ other: LogProbabilities) {
        precondition(other.classes == classes)
        values += other.values
    }
}
