/// What was noticed while a manifest was read.
public struct ManifestCounts: Sendable, Equatable {
    /// Lines with something on them.
    public internal(set) var lines = 0
    /// Rows with text that was not in one form (NFC, single spaces) and was put into it.
    public internal(set) var normalised = 0
    /// Rows with no text.
    public internal(set) var emptyTexts = 0
    /// Rows that name a recording and a text which a row before them names.
    public internal(set) var duplicates = 0
    /// Rows that do not state a duration.
    public internal(set) var withoutDuration = 0
    /// Rows that do not name a speaker.
    public internal(set) var withoutSpeaker = 0
}
