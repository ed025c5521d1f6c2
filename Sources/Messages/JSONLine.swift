import Foundation

/// One object of JSON on one line, its keys in alphabetical order.
public enum JSONLine {
    /// Writes a value, without a line end.
    /// - Throws: `EncodingError`, for what JSON has no word for (a number that is not finite).
    public static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
