import Foundation

/// Something a reader noticed that did not stop it. A description is one line without the file's name.
public enum AudioWarning: Sendable, Equatable, CustomStringConvertible {
    /// The file holds less than its header promises; what is there was read. `promisedSeconds` is nil where the
    /// mark that ends the stream is missing.
    case truncated(readSeconds: Double, promisedSeconds: Double?)
    /// The decoder stopped with an error; what came before was read.
    case damaged(readSeconds: Double, reason: String)
    /// Sound is missing within the recording; what comes after was read. `reason` says what is in the first such place.
    case gaps(count: Int, firstSeconds: Double, reason: String)
    /// The sound goes on behind the end that the header states; all of it was read.
    case longerThanStated(statedSeconds: Double, readSeconds: Double)
    /// The channels cancel each other when they are mixed, so that their difference, or one of them, was taken.
    case channelsCancel
    /// Nothing was heard: every sample is the same.
    case digitalSilence
    /// Nothing was heard, and the loudest sample is this far below full scale.
    case tooQuiet(decibels: Double)
    /// The header states no length, as where it was written before the sound and never finished; all that is there was read.
    case lengthNotStated(readSeconds: Double)
    /// Nothing was heard: there is sound, but none that the model takes for speech.
    case noSpeech
    /// The same of a model that knows a list of labels: what was heard is none of them.
    case noLabel
    /// The source has a lower sample rate (hertz) than was asked for: the upper part of the band stays empty.
    case narrowerThanRequested(sourceRate: Int, requestedRate: Int)

    /// One line: what is wrong with the file and what was done about it.
    public var description: String {
        switch self {
        case .truncated(let read, let promised?):
            "the file is truncated or damaged: \(seconds(read)) of the \(seconds(promised)) that its header promises"
                + " could be read"
        case .truncated(let read, nil):
            "the file is truncated (its end mark is missing): the \(seconds(read)) that are there were read"
        case .damaged(let read, let reason):
            "the file is damaged: decoding stopped after \(seconds(read)) (\(reason)); what came before was read"
        case .gaps(1, let first, let reason):
            "the file is damaged at \(seconds(first)) (\(reason)): that place was passed over, what comes after was read"
        case .gaps(let count, let first, let reason):
            "the file is damaged in \(count) places, first at \(seconds(first)) (\(reason)): they were passed over, what"
                + " comes after was read"
        case .longerThanStated(let stated, let read):
            "the file goes on behind the end that its header states (\(seconds(stated))): all \(seconds(read)) were read"
        case .lengthNotStated(let read):
            "its header states no length, as where a recorder was stopped or wrote to a pipe: all \(seconds(read)) were read"
        case .channelsCancel:
            "its channels cancel each other when they are mixed: their difference was heard instead; --channel 1 hears one"
        case .digitalSilence:
            "nothing was heard: it holds no sound at all, every sample is the same"
        case .tooQuiet(let level):
            "nothing was heard: its loudest sample is \(String(format: "%.0f dB", level)) below full scale, too quiet for words;"
                + " record it louder, or export it again"
        case .noSpeech:
            "nothing was heard: there is sound in it, but none that is taken for speech"
        case .noLabel:
            "nothing was recognised: what is said there is none of the labels that the model knows (utter info lists them)"
        case .narrowerThanRequested(let source, let requested):
            "the source has \(source) Hz where \(requested) Hz were asked for: nothing above \(source / 2) Hz is heard,"
                + " which may cost accuracy"
        }
    }

    /// Whether a part of the recording is missing, so that a caller must not take the result for the whole.
    public var isDamage: Bool {
        switch self {
        case .truncated, .damaged, .gaps: true
        case .longerThanStated, .lengthNotStated, .channelsCancel, .digitalSilence, .tooQuiet, .noSpeech,
            .noLabel, .narrowerThanRequested:
            false
        }
    }

    private func seconds(_ value: Double) -> String {
        String(format: "%.2f s", value)
    }
}
