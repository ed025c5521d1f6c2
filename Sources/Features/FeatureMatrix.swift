/// Features of a recording: a row for each frame, a column for each coefficient, row-major.
public struct FeatureMatrix: Sendable, Equatable {
    /// Coefficients in a frame.
    public let dimension: Int
    /// All frames, one after the other.
    public private(set) var values: [Float]

    /// Takes the values of all frames, one after the other.
    /// - Precondition: a whole number of frames.
    public init(dimension: Int, values: [Float] = []) {
        precondition(dimension > 0 && values.count % dimension == 0)
        self.dimension = dimension
        self.values = values
    }

    /// The number of frames.
    public var frames: Int { values.count / dimension }

    /// One frame.
    public subscript(frame: Int) -> ArraySlice<Float> { values[frame * dimension..<(frame + 1) * dimension] }

    /// One coefficient of one frame.
    public subscript(frame: Int, coefficient: Int) -> Float {
        get { values[frame * dimension + coefficient] }
        set { values[frame * dimension + coefficient] = newValue }
    }

    /// Some of the frames.
    public subscript(frames: Range<Int>) -> FeatureMatrix {
        FeatureMatrix(
            dimension: dimension, values: Array(values[frames.lowerBound * dimension..<frames.upperBound * dimension]))
    }

    /// Adds the frames of another matrix at the end.
    public mutating func append(_ other: FeatureMatrix) {
        precondition(other.dimension == dimension)
        values += other.values
    }

    /// Changes values where they lie.
    package mutating func withUnsafeMutableValues(_ body: (UnsafeMutableBufferPointer<Float>) -> Void) {
        values.withUnsafeMutableBufferPointer { body($0) }
    }

    /// Makes room for so many more frames.
    mutating func reserve(_ frames: Int) { values.reserveCapacity(values.count + max(0, frames) * dimension) }

    /// Adds frames at the end.
    mutating func append(_ frames: UnsafeBufferPointer<Float>) { values.append(contentsOf: frames) }
}
