import AcousticModel

extension String {
    /// The same text with control characters written as escapes: the one place that says how this room's messages stay
    /// on one line.
    package var onOneLine: String { escapedForOneLine }
}
