import AudioIO
import Corpora
import Files
import Foundation
import Networks
import VectorKernels

/// Recordings of noise in a folder, looked through before they are needed and ready to be cut from.
final class NoiseCollection: Sendable {
    /// A recording at the sample rate asked for.
    private struct Recording: Sendable {
        let path: String
        let count: Int
        /// Its samples, where they fit in the memory allowed; else they are read again when they are drawn.
        let samples: [Float]?
    }

    /// Files that are no sound, or hold none.
    let skippedFiles: Int
    private let recordings: [Recording]
    private let sampleRate: Int

    /// The number of recordings.
    var count: Int { recordings.count }

    /// Reads all recordings of a folder, of any depth, in the order of their paths.
    /// - Parameter memory: at most this many bytes of samples are kept; what is drawn does not depend on it.
    /// - Throws: ``AugmentationError`` where the folder holds no noise; `AudioError` where a recording is damaged or may
    ///   not be read.
    init(folder: String, sampleRate: Int, threads: Int, memory: Int) throws {
        guard FilePath.isFolder(folder) else { throw AugmentationError.noFolder(path: folder) }
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        let paths = names.map { FilePath.resolve($0, from: folder) }.filter { RawPath($0).isFile }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let allowance = Allowance(memory / MemoryLayout<Float>.stride)
        let found = Parallel.map(paths.count, threads: threads) { index in
            Result { try Self.read(paths[index], sampleRate: sampleRate, allowance: allowance) }
        }
        recordings = try found.compactMap { try $0.get() }
        skippedFiles = paths.count - recordings.count
        self.sampleRate = sampleRate
        if recordings.isEmpty { throw AugmentationError.noNoise(folder: folder, files: paths.count) }
    }

    /// A stretch of one recording, both drawn: inside it where it is longer than the stretch, else repeated from a place
    /// within it.
    /// - Throws: `AudioError` where a file that was not kept cannot be read any more.
    func stretch(of count: Int, numbers: inout SplitMix64) throws(AudioError) -> [Float] {
        let recording = recordings[numbers.below(recordings.count)]
        guard count < recording.count else {
            let offset = numbers.below(recording.count)
            let whole = try samples(of: recording, from: 0, count: recording.count)
            guard !whole.isEmpty else { return [Float](repeating: 0, count: count) }
            return (0..<count).map { whole[(offset + $0) % whole.count] }
        }
        return try samples(of: recording, from: numbers.below(recording.count - count + 1), count: count)
    }

    private func samples(of recording: Recording, from start: Int, count: Int) throws(AudioError) -> [Float] {
        if let samples = recording.samples { return Array(samples[start..<start + count]) }
        let reader = try AudioReader(path: recording.path, sampleRate: sampleRate)
        var skipped = 0
        while skipped < start, let block = try reader.read(upTo: min(1 << 16, start - skipped)) {
            skipped += block.count
        }
        var samples: [Float] = []
        while samples.count < count, let block = try reader.read(upTo: count - samples.count) { samples += block }
        return samples
    }

    /// Nil where the file is no sound, or holds nothing but digital silence.
    private static func read(_ path: String, sampleRate: Int, allowance: Allowance) throws(AudioError) -> Recording? {
        let reader: AudioReader
        do {
            reader = try AudioReader(path: path, sampleRate: sampleRate)
        } catch {
            switch error {
            case .notAudio, .empty, .malformed, .noSamples, .noSound: return nil
            default: throw error
            }
        }
        var count = 0
        var isSilent = true
        var samples: [Float]? = []
        do {
            while let block = try reader.read(upTo: 1 << 16) {
                count += block.count
                isSilent = isSilent && block.allSatisfy { $0 == 0 }
                if samples != nil, allowance.take(block.count) {
                    samples? += block
                } else {
                    allowance.giveBack(samples?.count ?? 0)
                    samples = nil
                }
            }
        } catch .noSamples {
            return nil
        }
        return isSilent ? nil : Recording(path: path, count: count, samples: samples)
    }
}

/// Samples that may still be kept, shared by threads.
private final class Allowance: @unchecked Sendable {  // its state is behind `lock`
    private var left: Int
    private let lock = NSLock()

    init(_ samples: Int) { left = samples }

    func take(_ samples: Int) -> Bool {
        lock.withLock {
            guard samples <= left else { return false }
            left -= samples
            return true
        }
    }

    func giveBack(_ samples: Int) { lock.withLock { left += samples } }
}
