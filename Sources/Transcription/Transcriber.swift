import AcousticModel
import AudioIO
import CTC
import Decoding
import Features
import Foundation
import Messages
import Networks
import VectorKernels

/// The whole road from an audio file to a transcript.
///
/// ```swift
/// let transcriber = Transcriber(model: try AcousticModel(path: "models/english-small.safetensors"))
/// print(try transcriber.transcribe("talk.wav").text)
/// ```
public struct Transcriber: Sendable {
    /// The model that listens; the first of them, where there are several.
    public var model: AcousticModel { group.models[0] }
    /// All models that listen, in one pass.
    public let group: ModelGroup
    /// At most this many threads run at once.
    public let threads: Int
    /// How a long recording is cut.
    public let windows: WindowOptions
    /// What turns posteriors into text; nil for the best path.
    public let decoder: Decoder?

    /// How far a transcription has come.
    public struct Progress: Sendable {
        /// Seconds of audio done.
        public let seconds: Double
        /// Seconds of audio in all, where the file says.
        public let total: Double?
        /// Whether there was any sound yet.
        var hasSound = true
    }

    /// - Parameters:
    ///   - threads: at most this many run at once; all cores unless given.
    ///   - windows: how a long recording is cut.
    ///   - decoder: what turns posteriors into text, made for the model's ``AcousticModel/textVocabulary``; nil for the best path.
    /// - Precondition: windows that overlap by less than half.
    public init(
        model: AcousticModel, threads: Int = Parallel.cores, windows: WindowOptions = WindowOptions(),
        decoder: Decoder? = nil
    ) {
        precondition(windows.overlap >= 0 && windows.overlap < windows.length / 2)
        precondition(decoder.map { $0.alphabet.vocabulary == model.textVocabulary } ?? true)
        precondition(decoder?.columns.map { $0 == model.posteriorColumns } ?? true)
        self.decoder = decoder
        group = ModelGroup(model)
        self.threads = max(1, threads)
        self.windows = windows
    }

    /// Several models on one encoder, each taking its best path.
    /// - Parameters:
    ///   - group: the models.
    ///   - threads: at most this many run at once; all cores unless given.
    public init(group: ModelGroup, threads: Int = Parallel.cores) {
        (self.group, self.threads, decoder, windows) = (group, max(1, threads), nil, WindowOptions())
    }

    /// Transcribes a recording, of any length, in bounded memory.
    /// - Parameters:
    ///   - path: the path of a sound file, or `-` for standard input.
    ///   - channels: which channels are heard.
    ///   - progress: is called now and then with how far it has come.
    /// - Throws: `AudioError` where the file cannot be read, ``TranscriptionError`` where it is too short.
    public func transcribe(
        _ path: String, channels: ChannelSelection = .mixDown, progress: (Progress) throws -> Void = { _ in }
    ) throws -> Transcript {
        try transcribe(reader(of: path, channels: channels), progress: progress)
    }

    /// Transcribes what a reader gives, from where it stands to its end.
    /// - Parameters:
    ///   - reader: gives the sample rate of the model's front end.
    ///   - progress: is called now and then with how far it has come; what it throws ends the work.
    /// - Throws: as ``transcribe(_:channels:progress:)``.
    public func transcribe(
        _ reader: AudioReader, progress: (Progress) throws -> Void = { _ in }
    ) throws -> Transcript {
        try transcribeAll(reader, progress: progress)[0]
    }

    /// Transcribes a recording with every model of ``group``, in one pass over it.
    /// - Returns: a transcript of each, in their order.
    /// - Throws: as ``transcribe(_:channels:progress:)``.
    public func transcribeAll(
        _ path: String, channels: ChannelSelection = .mixDown, progress: (Progress) throws -> Void = { _ in }
    ) throws -> [Transcript] {
        try transcribeAll(reader(of: path, channels: channels), progress: progress)
    }

    /// Transcribes a recording, or a part of it, with every model of ``group``, and tells what is settled on the way.
    /// - Returns: a transcript of each, in their order.
    /// - Throws: as ``transcribe(_:channels:progress:)``, and ``TranscriptionError`` where the recording ends before the part
    ///   begins.
    public func transcribeAll(
        _ path: String, channels: ChannelSelection = .mixDown, hearing: Hearing
    ) throws -> [Transcript] {
        try transcribeAll(reader(of: path, channels: channels), hearing: hearing)
    }

    /// Transcribes what a reader gives, as ``transcribeAll(_:channels:hearing:)`` does.
    package func transcribe(_ reader: AudioReader, hearing: Hearing) throws -> Transcript {
        try transcribeAll(reader, hearing: hearing)[0]
    }

    private func transcribeAll(
        _ reader: AudioReader, progress: (Progress) throws -> Void
    ) throws -> [Transcript] {
        try withoutActuallyEscaping(progress) { progress in
            var hearing = Hearing()
            hearing.progress = progress
            return try transcribeAll(reader, hearing: hearing)
        }
    }

    private func transcribeAll(_ reader: AudioReader, hearing: Hearing) throws -> [Transcript] {
        var collectors = group.models.map { WordCollector(model: $0, decoder: decoder) }
        var told = 0
        do {
            let heard = try listen(
                to: reader, hearing,
                progress: { progress in
                    try hearing.progress(progress)
                    guard let settled = hearing.settled, progress.hasSound, collectors.count == 1,
                        collectors[0].settledCount > told
                    else { return }
                    // Where the recording ends is not known yet.
                    let timed = words(collectors[0], duration: 1e9)
                    try settled(timed[told..<timed.count - 1].map { $0.moved(by: hearing.part.from) })
                    told = timed.count - 1
                },
                receive: { try collectors[$0].accept($1) })
            return try group.models.indices.map { index in
                try transcript(of: heard, by: group.models[index], &collectors[index])
            }
        } catch is ForcedAlignmentError {
            throw TranscriptionError.noProbabilities(path: reader.information.path)
        }
    }

    private func reader(of path: String, channels: ChannelSelection) throws(AudioError) -> AudioReader {
        try AudioReader(path: path, sampleRate: model.frontEnd.options.sampleRate, channels: channels)
    }

    /// What was said in a recording, all of whose posteriors the collector has.
    func transcript(
        of heard: Heard, by model: AcousticModel, _ collector: inout WordCollector
    ) throws -> Transcript {
        try collector.finish()
        let words = heard.isDigitalSilence ? [] : scaled(collector.words)
        // A grammar that did not fit is told by itself.
        var transcript = transcript(
            of: heard, by: model, words: words, explainsSilence: collector.result?.grammarFit == nil)
        if let result = collector.result {
            transcript.alternatives = heard.isDigitalSilence ? [] : result.hypotheses
            transcript.grammarFit = result.grammarFit
        }
        return transcript
    }

    /// The words with the confidences that a decoder's scale makes of the acoustic model's.
    private func scaled(_ words: [WordAligner.AlignedWord]) -> [WordAligner.AlignedWord] {
        guard let decoder, decoder.hasLanguageModel,
            let scale = decoder.weights.confidence
        else { return words }
        return words.map { word in
            var word = word
            word.confidence = scale.probability(word.confidence)
            return word
        }
    }

    /// What a collector has so far, in seconds.
    func words(_ collector: WordCollector, duration: Double) -> [Word] {
        WordTimes(frontEnd: model.frontEnd, duration: duration).words(scaled(collector.words))
    }

    /// Finds when the words of a known text are said in a recording.
    ///
    /// Beside the text and the posteriors of the recording (four bytes for each class and step: 14 MB an hour with 29
    /// classes and steps of 30 ms) memory is bounded; see `ForcedAlignment`.
    /// - Parameters:
    ///   - text: what is said, from the first word to the last.
    ///   - path: the path of a sound file, or `-` for standard input.
    ///   - channels: which channels are heard.
    ///   - progress: is called now and then with how far it has come.
    /// - Returns: the text's own words, with times and confidences.
    /// - Throws: `AudioError` where the file cannot be read, ``TranscriptionError`` where it is too short,
    ///   ``KnownTextError`` where the text does not fit into the recording.
    public func align(
        _ text: KnownText, with path: String, channels: ChannelSelection = .mixDown,
        progress: (Progress) throws -> Void = { _ in }
    ) throws -> Transcript {
        let isByPhones = !text.pronunciations.isEmpty
        let vocabulary = isByPhones ? model.vocabulary : model.textVocabulary
        var posteriors = LogProbabilities(classes: vocabulary.symbols.count)
        // What is said is known, so it is speech.
        let heard = try listen(
            to: reader(of: path, channels: channels), Hearing(), detectsSpeech: false, progress: progress
        ) {
            posteriors.append(isByPhones ? $1.columns(model.headColumns) : model.textPosteriors(of: $1))
        }
        guard !heard.isDigitalSilence else { throw KnownTextError.silence(recording: path) }
        do {
            let aligner = WordAligner(vocabulary: vocabulary, secondsPerStep: model.frontEnd.secondsPerStep)
            let words = try aligner.align(text, to: posteriors, ngram: model.head.ngram)
            return transcript(of: heard, by: model, words: words)
        } catch .tooFewSteps(_, let fewest) {
            throw KnownTextError.tooLong(
                source: text.source, recording: path, seconds: heard.duration,
                fewest: Double(fewest) * model.frontEnd.secondsPerStep)
        } catch {
            throw TranscriptionError.noProbabilities(path: path)
        }
    }

    /// What the model says of a recording, before any text is made of it: to decode it in several ways.
    ///
    /// They take four bytes for each class and step: 14 MB an hour with 29 classes and steps of 30 ms.
    /// - Parameter noticed: is given what was noticed in the recording: a truncated file, a narrow band.
    /// - Returns: [steps, ``AcousticModel/posteriorColumns``]; none for digital silence.
    /// - Throws: as ``transcribe(_:channels:progress:)``, and ``TranscriptionError`` where the model gives no probabilities.
    public func posteriors(
        of path: String, channels: ChannelSelection = .mixDown, progress: (Progress) -> Void = { _ in },
        noticed: ([AudioWarning]) -> Void = { _ in }
    ) throws -> LogProbabilities {
        var posteriors = LogProbabilities(classes: model.posteriorColumns)
        let heard = try listen(to: reader(of: path, channels: channels), Hearing(), progress: progress) {
            posteriors.append($1)
        }
        guard posteriors.values.allSatisfy({ !$0.isNaN }) else { throw TranscriptionError.noProbabilities(path: path) }
        noticed(heard.warnings)
        return heard.isDigitalSilence ? LogProbabilities(classes: posteriors.classes) : posteriors
    }

    /// The words that are in the posteriors of a whole recording, each with its confidence by the acoustic model: that of a
    /// transcript, before a decoder's scale.
    /// - Parameter posteriors: what ``posteriors(of:channels:progress:noticed:)`` gave.
    /// - Throws: `ForcedAlignmentError` where they are not numbers.
    package func words(in posteriors: LogProbabilities) throws -> [(text: String, confidence: Double)] {
        var collector = WordCollector(model: model, decoder: decoder)
        try collector.accept(posteriors)
        try collector.finish()
        return collector.words.map { ($0.text, $0.confidence) }
    }

    /// What is known of a recording once it is read.
    struct Heard {
        let path: String
        /// Seconds that were heard, and where in the recording they begin.
        let duration: Double
        var start = 0.0
        /// Whether an end was asked for before the recording's.
        var isStopped = false
        let isDigitalSilence: Bool
        let recording: AudioInformation
        let warnings: [AudioWarning]
        /// What to say where no word was heard.
        let silence: AudioWarning
    }

    /// - Parameter explainsSilence: whether a transcript without words says why.
    private func transcript(
        of heard: Heard, by model: AcousticModel, words: [WordAligner.AlignedWord], explainsSilence: Bool = true
    ) -> Transcript {
        let silence = model.head.kind.labelsRecordings && heard.silence == .noSpeech ? .noLabel : heard.silence
        var transcript = Transcript(
            file: heard.path,
            words: WordTimes(frontEnd: model.frontEnd, duration: heard.duration).words(words).map {
                $0.moved(by: heard.start)
            },
            duration: heard.duration, model: model.name, recording: heard.recording,
            warnings: heard.warnings + (words.isEmpty && explainsSilence ? [silence] : []))
        (transcript.start, transcript.isStopped) = (heard.start, heard.isStopped)
        return transcript
    }

    /// Runs the model over a recording.
    /// - Parameters:
    ///   - detectsSpeech: whether what the model takes for no speech becomes blank.
    ///   - receive: is given the number of a model and its posteriors, in order, in pieces.
    private func listen(
        to reader: AudioReader, _ hearing: Hearing, detectsSpeech: Bool = true, progress: (Progress) throws -> Void,
        receive: (Int, LogProbabilities) throws -> Void
    ) throws -> Heard {
        try withoutActuallyEscaping(receive) { receive in
            let windowed = try WindowedModel(
                group: group, threads: threads, windows: windows, detectsSpeech: detectsSpeech, memory: hearing.memory,
                receive: receive)
            let heard = try frames(of: reader, hearing, progress: progress) { try windowed.accept($0) }
            try windowed.finish()
            return heard
        }
    }

    /// Reads a recording, or a part of it, to its end.
    /// - Parameter receive: is given its log-mel frames, in order, in pieces.
    func frames(
        of reader: AudioReader, _ hearing: Hearing = Hearing(), progress: (Progress) throws -> Void = { _ in },
        receive: (FeatureMatrix) throws -> Void
    ) throws -> Heard {
        let (rate, part) = (model.frontEnd.options.sampleRate, hearing.part)
        precondition(reader.sampleRate == rate, "a reader of the model's sample rate")
        let first = try skip(part.from, of: reader)
        let most = part.to.map { Int((min($0, 1e9) * Double(rate)).rounded()) - first } ?? .max
        var stream = try SampleStream(model.frontEnd, reader.information)
        var isStopped = false
        while stream.samples < most, !isStopped, let block = try reader.read(upTo: min(rate, most - stream.samples)) {
            try receive(stream.accept(block))
            try progress(
                Progress(
                    seconds: reader.secondsDecoded, total: part.to ?? reader.information.duration,
                    hasSound: !stream.isDigitalSilence))
            isStopped = hearing.isStopped()
        }
        try receive(stream.finish())
        var heard = stream.heard(warnings: reader.warnings)
        (heard.start, heard.isStopped) = (Double(first) / Double(rate), isStopped)
        return heard
    }

    /// Passes over the first seconds of a recording.
    /// - Returns: samples passed over.
    private func skip(_ seconds: Double, of reader: AudioReader) throws -> Int {
        let rate = reader.sampleRate
        let wanted = Int((min(seconds, 1e9) * Double(rate)).rounded())
        var skipped = 0
        while skipped < wanted {
            guard let block = try reader.read(upTo: min(rate, wanted - skipped)) else {
                throw TranscriptionError.endsBefore(
                    path: reader.information.path, start: seconds, duration: Double(skipped) / Double(rate))
            }
            skipped += block.count
        }
        return skipped
    }
}

/// A recording that was read but cannot be transcribed.
public enum TranscriptionError: UtterError, Equatable {
    /// It has fewer samples than one step of the model.
    case tooShort(path: String, samples: Int, shortest: Int, sampleRate: Int)
    /// What the model says of it are no probabilities: its weights are so large that they overflow.
    case noProbabilities(path: String)
    /// It ends, after `duration` seconds, before the part begins that is asked for.
    case endsBefore(path: String, start: Double, duration: Double)

    /// The file, what is wrong and what to do.
    public var fault: Fault {
        switch self {
        case .tooShort(let path, let samples, let shortest, let rate):
            let (length, needed) = (1000 * Double(samples) / Double(rate), 1000 * Double(shortest) / Double(rate))
            return Fault(
                .empty, path,
                "is too short to hold speech, \(samples) sample\(samples == 1 ? "" : "s")"
                    + String(format: " (%.1f ms) at %d Hz", length, rate),
                remedy: String(format: "give at least %.0f ms", needed))
        case .noProbabilities(let path):
            return Fault(
                .mismatch, path, "gives numbers that are no probabilities with this model", remedy: "use another model")
        case .endsBefore(let path, let start, let duration):
            return Fault(
                .empty, path,
                "ends before the part begins that is asked for"
                    + String(format: " (%.2f s of audio, from %.2f s)", duration, start),
                remedy: "give an earlier time")
        }
    }
}
