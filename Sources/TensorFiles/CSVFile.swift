import Files

/// Comma-separated values: a line for each row, for spreadsheets and for people's eyes.
public enum CSVFile {
    /// Writes a matrix, say the features of a recording: `[frames, coefficients]`.
    ///
    /// Each value stands as the shortest decimal that gives the same float32 again (`0.1`, `1e-07`, `nan`, `inf`).
    /// Lines end in LF. A header, where given, is the first line, its names in quotation marks where RFC 4180 asks for
    /// them. An older file of this name is replaced when the new one is complete.
    /// - Throws: ``TensorFileError/cannotHold(path:reason:)`` where the tensor has not two dimensions or the header
    ///   not a name for each column; other ``TensorFileError`` where the file cannot be written.
    public static func write(_ matrix: Tensor, header: [String]? = nil, to path: String) throws {
        guard matrix.shape.count == 2 else {
            throw TensorFileError.cannotHold(
                path: path, reason: "a CSV file holds 2 dimensions, and the tensor has \(matrix.shape.count)")
        }
        let (rows, columns) = (matrix.shape[0], matrix.shape[1])
        if let header, header.count != columns {
            throw TensorFileError.cannotHold(
                path: path, reason: "the header has \(header.count) names for \(columns) columns")
        }
        try AtomicFile.write(to: path) { file in
            if let header { try file.append((header.map(CSVField.quoted).joined(separator: ",") + "\n").utf8) }
            for row in 0..<rows {
                let values = matrix.values[row * columns..<(row + 1) * columns]
                try file.append((values.lazy.map(\.description).joined(separator: ",") + "\n").utf8)
            }
        }
    }
}
