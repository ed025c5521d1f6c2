/// The path that stands for standard input where a file is read, and for standard output where one is written.
public enum StandardStream {
    /// `-`.
    public static let path = "-"

    /// Whether a path stands for a standard stream.
    public static func isNamed(by path: String?) -> Bool { path == Self.path }
}
