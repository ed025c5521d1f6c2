import Foundation

/// Sizes of files as people read them.
enum Megabytes {
    /// Such as `19.2 MB`.
    static func text(_ bytes: Int) -> String { String(format: "%.1f MB", Double(bytes) / 1e6) }
}
