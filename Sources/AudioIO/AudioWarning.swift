import Foundation

/// Something a reader noticed that did not stop it. A description is one line without the file's name.
public enum AudioWarning: Sendable, Equatable, CustomStringConvertible {
    /// The file holds less than its header promises; what is there was read. `promisedSeconds` is nil where the
    /// header was never finished, or where the mark that ends the stream is missing.
    case truncated(readSeconds: Double, promisedSeconds: Double?)
    /// The decoder stopped with an error; what came before was read.
    case damaged(readSeconds: Double, reason: String)
    /// The source has a lower sample rate (hertz) than was asked for: the upper part of the band stays empty.
    case narrowerThanRequested(sourceRate: Int, requestedRate: Int)
    /// Nothing in it is louder than the last bit.
    case silent
    /// So quiet that speech may be lost in it: half of what it swings over, in decibels of full scale.
    case quiet(decibels: Double)

    /// One line: what is wrong with the file and what was done about it.
    public var description: String {
        switch self {
        case .truncated(let read, let promised?):
            "the file is truncated or damaged: \(seconds(read)) of the \(seconds(promised)) that its header promises"
                + " could be read"
        case .truncated(let read, nil):
            "the file is truncated or was never finished (its stated length or its end mark is missing): the"
                + " \(seconds(read)) that are there were read"
        case .damaged(let read, let reason):
            "the file is damaged: decoding stopped after \(seconds(read)) (\(reason)); what came before was read"
        case .narrowerThanRequested(let source, let requested):
            "the source has \(source) Hz where \(requested) Hz were asked for: nothing above \(source / 2) Hz is heard,"
                + " which may cost accuracy"
        case .silent:
            "the recording is digital silence: no sample differs from the others by more than the last bit, so there is"
                + " nothing to hear"
        case .quiet(let decibels):
            "the recording is very quiet, at " + String(format: "%.0f", decibels)
                + " dB of full scale: words may be lost; record it louder"
        }
    }

    /// Whether a part of the recording is missing, so that a caller must not take the result for the whole.
    public var isDamage: Bool {
        switch self {
        case .truncated, .damaged: true
        case .narrowerThanRequested, .silent, .quiet: false
        }
    }

    private func seconds(_ value: Double) -> String {
        String(format: "%.2f s", value)
    }
}
