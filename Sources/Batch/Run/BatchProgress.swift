/// What a run has done so far.
public struct BatchProgress: Sendable, Equatable {
    /// Recordings done, well or not.
    public internal(set) var recordings = 0
    /// Seconds of audio done.
    public internal(set) var seconds = 0.0
    /// Bytes of recordings done.
    public internal(set) var bytes: Int64 = 0
}
