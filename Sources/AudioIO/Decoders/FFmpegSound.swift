import Files
import Foundation

/// A file that the program `ffmpeg` decodes: what phones, video cameras and messengers record.
///
/// It runs as a child that gives 32-bit samples at the file's own rate through a pipe, in constant memory. It is told what
/// the file is, may open nothing but that file and the pipe, and gets the file as an open descriptor, so that what was
/// looked at is what is decoded, whatever its name is, and also where it has none.
final class FFmpegSound: SoundSource {
    let information: AudioInformation
    let sampleRate: Int
    let channels: Int

    private let child: ChildProcess
    private let log: FFmpegLog
    private var framesRead = 0
    /// Bytes of a frame that came in part.
    private var rest: [UInt8] = []

    /// Where it is installed.
    private static let program = ChildProcess.find("ffmpeg")

    /// - Throws: `needsFFmpeg`, `malformed`, `noSound`, `sampleRateOutOfRange`, `inputOutput`.
    init(_ source: SourceFile, _ format: ForeignFormat) throws(AudioError) {
        let path = source.path
        guard let program = Self.program else { throw .needsFFmpeg(path: path, format: format.name) }
        source.rewind()
        let log = FFmpegLog()
        do {
            child = try ChildProcess(
                path: program, arguments: Self.arguments(format), input: source.descriptor, report: log.take)
        } catch {
            throw .inputOutput(path: path, reason: "\(program): \(FileError.words(of: error.code))")
        }
        guard let header = WAVHeader(child) else {
            child.end()
            if log.hasNoSound { throw .noSound(path: path, format: format.name) }
            throw .malformed(
                path: path, reason: "\(format.name): \(log.firstError?.text ?? "no sound that can be decoded")")
        }
        self.log = log
        (sampleRate, channels) = (header.sampleRate, header.channels)
        guard SampleRates.allowed.contains(sampleRate) else {
            throw .sampleRateOutOfRange(path: path, sampleRate: sampleRate)
        }
        let rate = Double(sampleRate)
        information = AudioInformation(
            path: path, container: format.name, encoding: log.codec ?? "unknown encoding", sampleRate: sampleRate,
            channels: channels, frames: log.statedSeconds.map { Int(($0 * rate).rounded()) })
    }

    func read(into buffer: UnsafeMutableBufferPointer<Float>, frames: Int) -> Int {
        let count = min(frames * channels, buffer.count)
        let bytes = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
        let read = child.fill(bytes) / (channels * MemoryLayout<Float>.size)
        #if _endian(big)
            for index in 0..<read * channels {
                buffer[index] = Float(bitPattern: UInt32(littleEndian: buffer[index].bitPattern))
            }
        #endif
        framesRead += read
        log.seconds = Double(framesRead) / Double(sampleRate)
        return read
    }

    func warnings() -> [AudioWarning] {
        let seconds = Double(framesRead) / Double(sampleRate)
        let end = child.end()
        // Durations are rounded, and count the encoder's padding.
        if let stated = log.promisedSeconds, stated - seconds > max(0.5, stated / 100) {
            return [.truncated(readSeconds: seconds, promisedSeconds: stated)]
        }
        if end != .exit(0) {
            return [.damaged(readSeconds: seconds, reason: log.firstError?.text ?? "ffmpeg ended with \(end)")]
        }
        guard let first = log.firstError else { return [] }
        return [.gaps(count: log.errors, firstSeconds: first.seconds, reason: first.text)]
    }

    private static func arguments(_ format: ForeignFormat) -> [String] {
        // A film may keep its sound in other files; it shall not.
        let closed = format.demuxer == "mov" ? ["-enable_drefs", "0"] : []
        return ["ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-loglevel", "level+info"]
            + ["-protocol_whitelist", "file,pipe", "-threads", "1"] + closed
            + ["-f", format.demuxer, "-i", "file:/dev/fd/0"]
            + ["-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"]
            + ["-fflags", "+bitexact", "-c:a", "pcm_f32le", "-f", "wav", "pipe:1"]
    }
}

/// What ffmpeg says on standard error: what the file is, and what is wrong with it.
final class FFmpegLog {
    /// The name of the encoding.
    private(set) var codec: String?
    /// Places that could not be decoded; several lines may tell of one.
    var errors: Int { max(packets, min(lines, 1)) }
    /// The first line that tells of an error, with the place that decoding had come to.
    private(set) var firstError: (text: String, seconds: Double)?
    /// Whether the file was understood and has no sound.
    private(set) var hasNoSound = false
    /// How far decoding has come, in seconds.
    var seconds = 0.0

    private var lines = 0
    private var packets = 0
    private var duration: Double?
    private var isEstimated = false
    private var hasPictures = false
    private var isOutput = false

    /// How long the file says it is, where it does not guess.
    var statedSeconds: Double? { isEstimated ? nil : duration }
    /// The same, where it is certain to be the length of the sound and not of pictures.
    var promisedSeconds: Double? { hasPictures ? nil : statedSeconds }

    /// Takes a line.
    func take(_ line: String) {
        if line.contains("matches no streams") || line.contains("does not contain any stream") { hasNoSound = true }
        if line.contains("Estimating duration from bitrate") { isEstimated = true }
        if let level = ["[error]", "[fatal]", "[panic]"].first(where: line.contains) {
            lines += 1
            if line.contains("Error while decoding") || line.contains("Error submitting") { packets += 1 }
            if firstError == nil { firstError = (Self.text(of: line, after: level), seconds) }
        }
        if line.contains("Output #0") { isOutput = true }
        guard !isOutput else { return }
        if let place = line.range(of: "Duration: "), duration == nil { duration = Self.time(line[place.upperBound...]) }
        if line.contains("Stream #"), line.contains(": Video: ") { hasPictures = true }
        if let place = line.range(of: ": Audio: "), codec == nil {
            codec = line[place.upperBound...].split { $0 == " " || $0 == "," }.first.map { $0.uppercased() }
        }
    }

    /// What is said, without the address of what says it and the name that the file has there.
    private static func text(of line: String, after level: String) -> String {
        guard let place = line.range(of: level) else { return line }
        return line[place.upperBound...].replacingOccurrences(of: "file:/dev/fd/0: ", with: "")
            .trimmingCharacters(in: .whitespaces)
    }

    /// `HH:MM:SS.cc` in seconds; nil where it says N/A.
    private static func time(_ text: Substring) -> Double? {
        let parts = text.prefix { $0 != "," && $0 != " " }.split(separator: ":").map { Double($0) }
        guard parts.count == 3, let hours = parts[0], let minutes = parts[1], let seconds = parts[2] else { return nil }
        let time = 3_600 * hours + 60 * minutes + seconds
        return time > 0 && time < 1e9 ? time : nil
    }
}

/// The header of the WAV stream that ffmpeg writes, up to the first sample.
private struct WAVHeader {
    let sampleRate: Int
    let channels: Int

    init?(_ child: ChildProcess) {
        func bytes(_ count: Int) -> [UInt8]? {
            var bytes = [UInt8](repeating: 0, count: count)
            return bytes.withUnsafeMutableBytes { child.fill($0) } == count ? bytes : nil
        }
        guard let start = bytes(12), start.text(at: 0) == "RIFF" else { return nil }
        var format: [UInt8] = []
        while let head = bytes(8) {
            if head.text(at: 0) == "data" { break }
            let size = Int(head.integer(at: 4, count: 4, isBigEndian: false))
            guard size <= 1 << 16, let body = bytes(size + size % 2) else { return nil }
            if head.text(at: 0) == "fmt " { format = body }
        }
        guard format.count >= 16, format.integer(at: 14, count: 2, isBigEndian: false) == 32 else { return nil }
        channels = Int(format.integer(at: 2, count: 2, isBigEndian: false))
        sampleRate = Int(format.integer(at: 4, count: 4, isBigEndian: false))
        guard channels > 0 else { return nil }
    }
}
