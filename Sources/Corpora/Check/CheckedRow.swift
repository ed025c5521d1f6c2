import AudioIO

/// A row under way.
struct CheckedRow: Sendable {
    let row: ManifestRow
    let role: CheckInput.Role
    /// Nil where the recording does not open.
    var audio: AudioMeasurement?
}
