import CSndFile

/// A run of frames of one sample rate and number of channels.
struct MPEGPart {
    let header: MPEGHeader
    /// Where its first frame stands, and where its last one ends, in bytes from the start of the file.
    let start: Int
    var end: Int
    /// Where the sound of the file ends at the latest.
    let limit: Int
    var frames = 0
    /// What a frame at its start says.
    var info: MPEGInfoFrame?

    /// Samples of each channel that its frames make.
    var samples: Int {
        let all = frames * header.samples
        guard let info, hasRightInfo else { return all }
        return max(0, all - info.trimmed)
    }

    /// Samples of each channel that it should have, where it says more than there are.
    var promisedSamples: Int {
        guard let info, let promised = info.frames, promised > frames else { return samples }
        return max(samples, min(promised, 1 << 40) * header.samples - info.trimmed)
    }

    /// Joined files and editors leave a frame that counts fewer than follow: what it says of the end is wrong too.
    var hasRightInfo: Bool { (info?.frames).map { frames <= $0 } ?? true }
}
