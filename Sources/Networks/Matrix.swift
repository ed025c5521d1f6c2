/// A matrix of float32, row-major. Rows are time steps (or weights' outputs), columns are features.
public struct Matrix: Sendable, Equatable {
    /// The number of rows.
    public let rows: Int
    /// The number of columns.
    public let columns: Int
    /// The elements, row after row; always `rows * columns` of them.
    public private(set) var values: [Float]

    /// Takes the elements, row after row.
    /// - Precondition: `values.count == rows * columns`.
    public init(rows: Int, columns: Int, values: [Float]) {
        precondition(
            rows >= 0 && columns >= 0 && values.count == rows * columns,
            "\(values.count) values for a \(rows) x \(columns) matrix")
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    /// A matrix of one value.
    public init(rows: Int, columns: Int, repeating value: Float = 0) {
        self.init(rows: rows, columns: columns, values: [Float](repeating: value, count: rows * columns))
    }

    /// A matrix that `fill` writes, every element of it, without being zeroed first.
    public init(rows: Int, columns: Int, fill: (UnsafeMutableBufferPointer<Float>) throws -> Void) rethrows {
        self.init(
            rows: rows, columns: columns,
            values: try [Float](unsafeUninitializedCapacity: rows * columns) { buffer, count in
                let whole = UnsafeMutableBufferPointer(start: buffer.baseAddress, count: rows * columns)
                try fill(whole)
                count = rows * columns
            })
    }

    /// Gives the elements away. Until they are put back, nothing but the size may be asked for.
    mutating func takeValues() -> [Float] {
        defer { values = [] }
        return values
    }

    /// The element at a row and a column.
    public subscript(row: Int, column: Int) -> Float {
        get { values[row * columns + column] }
        set { values[row * columns + column] = newValue }
    }

    /// One row.
    public func row(_ index: Int) -> ArraySlice<Float> { values[index * columns..<(index + 1) * columns] }

    /// max(0, x), element by element; what is no number stays so.
    public consuming func rectified() -> Matrix {
        var result = self
        result.withUnsafeMutableBufferPointer { values in
            for index in values.indices { values[index] = values[index] < 0 ? 0 : values[index] }
        }
        return result
    }

    /// A gradient with respect to what ``rectified()`` gave, sent back through it: 0 where that cut off.
    /// - Parameter output: what it gave, of the size of the gradient.
    public consuming func throughRectifier(output: Matrix) -> Matrix {
        precondition(rows == output.rows && columns == output.columns)
        var result = self
        result.withUnsafeMutableBufferPointer { gradient in
            output.withUnsafeBufferPointer { output in
                for index in gradient.indices where output[index] <= 0 { gradient[index] = 0 }
            }
        }
        return result
    }

    /// The elements for reading where speed matters.
    public func withUnsafeBufferPointer<R>(_ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R {
        try values.withUnsafeBufferPointer(body)
    }

    /// The elements for writing where speed matters; their number cannot change.
    public mutating func withUnsafeMutableBufferPointer<R>(
        _ body: (UnsafeMutableBufferPointer<Float>) throws -> R
    ) rethrows -> R {
        try values.withUnsafeMutableBufferPointer { try body($0) }
    }
}
