import CSndFile
import Files
import Foundation

/// Writes sound files through libsndfile.
///
/// ```swift
/// let writer = try AudioFileWriter(path: "tone.flac", container: .flac, encoding: .pcm16, sampleRate: 16_000)
/// try writer.write(samples)
/// try writer.finish()
/// ```
public final class AudioFileWriter {
    /// The kind of file.
    public enum Container: String, Sendable, CaseIterable {
        /// Microsoft WAV with the plain header; at most 4 GiB.
        case wav
        /// Microsoft WAV with `WAVE_FORMAT_EXTENSIBLE`.
        case wavExtensible
        /// WAV with 64-bit sizes.
        case rf64
        /// Sony Wave64.
        case wave64
        /// Apple AIFF. libsndfile 1.2.0 adds a sample to 8-bit sound of an odd number of bytes.
        case aiff
        /// Apple Core Audio Format.
        case caf
        /// Sun and NeXT.
        case au
        /// Free Lossless Audio Codec.
        case flac
        /// Ogg, for Vorbis and Opus.
        case ogg
        /// MPEG audio, for MP3.
        case mpeg
    }

    /// How samples are stored. Not every container takes every encoding.
    public enum Encoding: String, Sendable, CaseIterable {
        /// Integers of 8 bits, unsigned in the WAV family as it demands.
        case pcm8
        /// Integers of 16 bits.
        case pcm16
        /// Integers of 24 bits.
        case pcm24
        /// Integers of 32 bits.
        case pcm32
        /// IEEE 754 single precision; samples beyond -1...1 are kept.
        case float32
        /// IEEE 754 double precision; samples beyond -1...1 are kept.
        case float64
        /// G.711 A-law.
        case aLaw
        /// G.711 mu-law.
        case muLaw
        /// Vorbis at libsndfile's default quality.
        case vorbis
        /// Opus at libsndfile's default quality; 8, 12, 16, 24 and 48 kHz.
        case opus
        /// MPEG Layer III at libsndfile's default quality; 8 to 48 kHz, one or two channels.
        case mp3
    }

    private let path: String
    private let encoding: Encoding
    private let channels: Int
    private var handle: SoundFileHandle?

    /// Creates the file, or empties the one that is there.
    ///
    /// - Parameters:
    ///   - sampleRate: hertz, within ``AudioFile/sampleRates``.
    ///   - channels: how many are interleaved in what is written.
    /// - Throws: `requestedSampleRateOutOfRange`, `cannotWrite`, `inputOutput`.
    public init(
        path: String, container: Container = .wav, encoding: Encoding = .pcm16, sampleRate: Int, channels: Int = 1
    ) throws(AudioError) {
        guard SampleRates.allowed.contains(sampleRate) else {
            throw .requestedSampleRateOutOfRange(sampleRate: sampleRate)
        }
        var info = SF_INFO()
        info.samplerate = Int32(sampleRate)
        info.channels = Int32(clamping: channels)
        info.format = Int32(container.format | encoding.format(in: container))
        // Asked before the file is touched, so that a wrong combination does not empty it.
        guard sf_format_check(&info) != 0 else {
            throw .cannotWrite(
                path: path,
                reason: "\(container.rawValue) with \(encoding.rawValue), \(sampleRate) Hz and \(channels) channels")
        }
        let descriptor = path.utf8.contains(0) ? -1 : open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw .inputOutput(path: path, reason: FileError.words(of: errno)) }
        defer { close(descriptor) }
        do {
            handle = try SoundFileHandle(descriptor: descriptor, mode: SFM_WRITE, info: info)
        } catch {
            throw .cannotWrite(path: path, reason: error.reason)
        }
        handle?.set(SFC_SET_CLIPPING, true)
        self.path = path
        self.encoding = encoding
        self.channels = channels
    }

    /// Appends samples, interleaved where there is more than one channel. Full scale is -1...1; beyond it integers
    /// saturate. Integers are rounded to the nearest, so that what was read from a file of that depth is written back
    /// exactly. Samples must be finite for every encoding but the floating-point ones.
    ///
    /// - Throws: `cannotWrite` where the count is not a whole number of frames; `inputOutput`.
    public func write(_ samples: [Float]) throws(AudioError) {
        guard samples.count % channels == 0 else {
            throw .cannotWrite(path: path, reason: "\(samples.count) samples do not divide by \(channels) channels")
        }
        guard let handle else { throw .inputOutput(path: path, reason: "already finished") }
        // In pieces: the copies stay small, and so do the tables that Vorbis builds for what it is handed at once.
        let piece = max(1, 4_096 / channels) * channels
        for start in stride(from: 0, to: samples.count, by: piece) {
            let part = Array(samples[start..<min(samples.count, start + piece)])
            let succeeded = encoding.bits.map { handle.write(quantised(part, bits: $0)) } ?? handle.write(part)
            guard succeeded else { throw .inputOutput(path: path, reason: handle.error ?? "the disk took too little") }
        }
    }

    /// Completes the header and closes the file. A writer that is released does so too, without a word of errors.
    ///
    /// - Throws: `inputOutput`.
    public func finish() throws(AudioError) {
        let reason = handle?.close()
        handle = nil
        if let reason { throw .inputOutput(path: path, reason: reason) }
    }

    /// Writes a whole waveform.
    ///
    /// - Throws: the errors of opening and writing.
    public static func write(
        _ waveform: Waveform, to path: String, container: Container = .wav, encoding: Encoding = .pcm16
    ) throws(AudioError) {
        let writer = try AudioFileWriter(
            path: path, container: container, encoding: encoding, sampleRate: waveform.sampleRate)
        try writer.write(waveform.samples)
        try writer.finish()
    }

    /// round(x * 2^(bits - 1)) in the upper bits of an Int32. libsndfile itself scales by 2^(bits - 1) - 1 or cuts
    /// towards minus infinity, neither of which gives back what it read.
    private func quantised(_ samples: [Float], bits: Int) -> [Int32] {
        let scale = Double(1 << (bits - 1))
        let shift = Int32(32 - bits)
        return samples.map { sample in
            let value = (Double(sample) * scale).rounded()
            // max and min also send NaN to a bound, where a conversion would trap.
            return Int32(max(-scale, min(scale - 1, value))) << shift
        }
    }
}

extension AudioFileWriter.Container {
    fileprivate var format: Int {
        switch self {
        case .wav: SF_FORMAT_WAV
        case .wavExtensible: SF_FORMAT_WAVEX
        case .rf64: SF_FORMAT_RF64
        case .wave64: SF_FORMAT_W64
        case .aiff: SF_FORMAT_AIFF
        case .caf: SF_FORMAT_CAF
        case .au: SF_FORMAT_AU
        case .flac: SF_FORMAT_FLAC
        case .ogg: SF_FORMAT_OGG
        case .mpeg: SF_FORMAT_MPEG
        }
    }

    fileprivate var hasUnsignedBytes: Bool {
        [.wav, .wavExtensible, .rf64, .wave64].contains(self)
    }
}

extension AudioFileWriter.Encoding {
    /// The depth that samples are rounded to; nil where libsndfile takes floats.
    fileprivate var bits: Int? {
        switch self {
        case .pcm8: 8
        case .pcm16, .aLaw, .muLaw: 16
        case .pcm24: 24
        case .pcm32: 32
        case .float32, .float64, .vorbis, .opus, .mp3: nil
        }
    }

    fileprivate func format(in container: AudioFileWriter.Container) -> Int {
        switch self {
        case .pcm8: container.hasUnsignedBytes ? SF_FORMAT_PCM_U8 : SF_FORMAT_PCM_S8
        case .pcm16: SF_FORMAT_PCM_16
        case .pcm24: SF_FORMAT_PCM_24
        case .pcm32: SF_FORMAT_PCM_32
        case .float32: SF_FORMAT_FLOAT
        case .float64: SF_FORMAT_DOUBLE
        case .aLaw: SF_FORMAT_ALAW
        case .muLaw: SF_FORMAT_ULAW
        case .vorbis: SF_FORMAT_VORBIS
        case .opus: SF_FORMAT_OPUS
        case .mp3: SF_FORMAT_MPEG_LAYER_III
        }
    }
}
