import CSndFile
import Foundation

/// A file that libsndfile decodes: its parts one after the other, and what is known of each one's true length.
final class SoundFile: SoundSource {
    let information: AudioInformation
    private(set) var sampleRate: Int
    private(set) var channels: Int

    private let source: SourceFile
    private let parts: [SoundPart]
    private var present = 0
    private var handle: SoundFileHandle
    private var framesRead = 0
    /// Of the parts that were read.
    private var partSeconds: [Double] = []
    private var secondsRead: Double { partSeconds.reduce(0, +) }
    /// Of what is missing; nil where it is not known.
    private var missingSeconds: Double? = 0
    private var isTruncated = false
    private var failure: (seconds: Double, reason: String)?
    private var gaps = MPEGSound.Gaps()
    private var later: [AudioWarning] = []

    /// - Throws: `notAudio`, `malformed`, `sampleRateOutOfRange`.
    init(_ source: SourceFile) throws(AudioError) {
        let path = source.path
        let all = SoundPart.all(of: source)
        // A part without sound, such as a header that was written twice, is passed over.
        var opened: (index: Int, handle: SoundFileHandle)?
        var problem: SoundFileHandle.OpenFailure?
        for (index, part) in all.enumerated() {
            do throws(SoundFileHandle.OpenFailure) {
                let handle = try part.open(source)
                if opened == nil { opened = (index, handle) }
                if all.count == 1 || handle.info.frames > 0 {
                    opened = (index, handle)
                    break
                }
            } catch {
                problem = problem ?? error
            }
            // Files of nothing but headers are not looked through.
            if index >= 64 { break }
        }
        for part in all[..<(opened?.index ?? 0)] where part.hasLoss {
            gaps.note(0, "a part of which nothing can be decoded")
        }
        if let opened, opened.index > 0, let problem {
            gaps.note(0, "a part that cannot be decoded: \(problem.reason)")
        }
        guard let opened else { throw Self.error(problem, source) }
        let info = opened.handle.info
        let rate = Int(info.samplerate)
        guard SampleRates.allowed.contains(rate) else { throw .sampleRateOutOfRange(path: path, sampleRate: rate) }
        guard info.channels > 0 else { throw .malformed(path: path, reason: "no channels") }

        (self.source, parts, handle) = (source, Array(all[opened.index...]), opened.handle)
        (sampleRate, channels) = (rate, Int(info.channels))
        information = AudioInformation(
            path: path, container: SoundFileHandle.name(ofFormat: info.format & Int32(SF_FORMAT_TYPEMASK)),
            encoding: SoundFileHandle.name(ofFormat: info.format & Int32(SF_FORMAT_SUBMASK)),
            sampleRate: rate, channels: Int(info.channels),
            frames: Self.frames(source, parts, first: opened.handle))
    }

    func read(into buffer: UnsafeMutableBufferPointer<Float>, frames: Int) -> Int {
        // A failing decoder drops all of the call it fails in, so a call asks for one packet.
        let step = handle.isPacketed ? 1_152 : frames
        var done = 0
        while done < frames {
            let rest = UnsafeMutableBufferPointer(rebasing: buffer[(done * channels)...])
            let wanted = min(step, frames - done)
            let count = handle.read(into: rest, frames: wanted)
            done += count
            if count < wanted || handle.error != nil { break }
        }
        framesRead += done
        return done
    }

    // A decoder that failed is not asked again: what it gives after a gap would come at the wrong time.
    var hasFailed: Bool { handle.error != nil }

    func advance() -> Bool {
        endPart()
        while present + 1 < parts.count {
            present += 1
            do throws(SoundFileHandle.OpenFailure) {
                let next = try parts[present].open(source)
                let (rate, count) = (Int(next.info.samplerate), Int(next.info.channels))
                guard SampleRates.allowed.contains(rate), count > 0 else {
                    gaps.note(secondsRead, "a part with a sample rate of \(rate) Hz and \(count) channels")
                    continue
                }
                (handle, sampleRate, channels, framesRead) = (next, rate, count, 0)
                return true
            } catch {
                gaps.note(secondsRead, "a part that cannot be decoded: \(error.reason)")
            }
        }
        return false
    }

    func warnings() -> [AudioWarning] {
        var warnings: [AudioWarning] = []
        if isTruncated {
            warnings.append(
                .truncated(readSeconds: secondsRead, promisedSeconds: missingSeconds.map { secondsRead + $0 }))
        } else if let failure {
            warnings.append(.damaged(readSeconds: failure.seconds, reason: failure.reason))
        }
        if let first = gaps.first {
            warnings.append(.gaps(count: gaps.count, firstSeconds: first.seconds, reason: first.reason))
        }
        return warnings + later
    }

    /// Holds what was read of the present part against what it promised.
    private func endPart() {
        let part = parts[present]
        let before = secondsRead
        let seconds = Double(framesRead) / Double(sampleRate)
        partSeconds.append(seconds)
        let container = partSeconds.suffix(part.slices).reduce(0, +)
        defer { framesRead = 0 }
        if part.gaps > 0 {
            let time = part.gapSeconds.map { before + min($0, seconds) } ?? before
            for _ in 0..<part.gaps { gaps.note(time, "pages of the stream are missing or broken") }
        }
        switch part.length {
        case .short(let promised, let present) where present > 0:
            return note(missing: container * (Double(promised) / Double(present) - 1))
        case .short: return note(missing: nil)
        // A pipe's writer cannot go back to its header: a placeholder is what it should hold.
        case .unstated where !source.isStream: later.append(.lengthNotStated(readSeconds: container))
        case .longer(let promised, let present):
            later.append(
                .longerThanStated(
                    statedSeconds: container * Double(promised) / Double(max(1, present)), readSeconds: container))
        case .fits, .unstated: break
        }
        let stated = part.samples ?? handle.statedFrames
        // The lossy formats count in packets and trim decoder delay in various ways; a tenth of a second is no loss.
        let tolerance = handle.isLossy ? sampleRate / 10 : 0
        if let stated, stated - framesRead > tolerance {
            return note(missing: Double(stated - framesRead) / Double(sampleRate))
        }
        if part.lacksEndMark { return note(missing: nil) }
        // What lies behind the last frame, a tag say, is an error of the decoder and no loss.
        if let reason = handle.error, stated.map({ framesRead < $0 }) ?? true {
            failure = failure ?? (secondsRead, reason)
        }
    }

    private func note(missing seconds: Double?) {
        isTruncated = true
        missingSeconds = seconds.flatMap { new in missingSeconds.map { $0 + new } }
    }

    /// Frames of all parts at the rate of the first; nil where one does not state them.
    private static func frames(_ source: SourceFile, _ parts: [SoundPart], first: SoundFileHandle) -> Int? {
        let rate = Double(first.info.samplerate)
        guard let frames = parts[0].samples ?? first.statedFrames else { return nil }
        guard parts.count > 1 else { return frames }
        // Opening thousands to say how long they are takes too long.
        guard parts.count <= 1_000 else { return nil }
        var sum = Double(frames)
        for part in parts.dropFirst() {
            guard let handle = try? part.open(source), handle.info.samplerate > 0 else { continue }
            guard let frames = part.samples ?? handle.statedFrames else { return nil }
            sum += Double(frames) * rate / Double(handle.info.samplerate)
        }
        return Int(min(sum.rounded(), 1e15))
    }

    private static func error(_ problem: SoundFileHandle.OpenFailure?, _ source: SourceFile) -> AudioError {
        guard let problem else { return .notAudio(path: source.path, lookingLike: nil) }
        if problem.isUnknownFormat { return .notAudio(path: source.path, lookingLike: SoundContent.hint(source)) }
        return .malformed(path: source.path, reason: problem.reason)
    }
}

extension SoundFileHandle {
    /// As the header states; nil where it does not. libsndfile says "not known" with its greatest number.
    var statedFrames: Int? { info.frames < 0 || info.frames == sf_count_t.max ? nil : Int(info.frames) }

    /// Whether the container holds packets that are decoded whole.
    var isPacketed: Bool {
        let container = info.format & Int32(SF_FORMAT_TYPEMASK)
        return container == SF_FORMAT_MPEG || container == SF_FORMAT_OGG
    }

    /// Whether blocks or packets are padded, so that frames more or less are no loss.
    var isLossy: Bool {
        if isPacketed { return true }
        switch Int(info.format) & SF_FORMAT_SUBMASK {
        case SF_FORMAT_PCM_S8, SF_FORMAT_PCM_U8, SF_FORMAT_PCM_16, SF_FORMAT_PCM_24, SF_FORMAT_PCM_32, SF_FORMAT_FLOAT,
            SF_FORMAT_DOUBLE, SF_FORMAT_ULAW, SF_FORMAT_ALAW:
            return false
        default: return true
        }
    }
}
