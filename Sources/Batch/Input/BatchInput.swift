import Files

/// Where recordings come from.
public enum BatchInput: Sendable {
    /// A folder, a file, or, where nothing is there, a pattern of the shell (`*`, `?`, `[a-z]`).
    case path(RawPath)
    /// A file with a path on each line, or a manifest: an object of JSON on each line that has `audio_filepath`. Paths in a
    /// list are from the working directory, those in a manifest from its folder. `-` is standard input.
    case list(RawPath)
}
