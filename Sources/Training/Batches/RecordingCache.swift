import AcousticModel
import Corpora
import Features
import Files
import Foundation

/// What every epoch needs of recordings, on the disk: log-mel features for each speed; or, where the sound is changed anew in each
/// epoch, the decoded samples. So a recording is decoded and resampled once.
///
/// A file for each. Its name is made of the recording's path, size and time of change and of the options, so that a changed
/// recording is computed anew; its content carries a sum, so that a file which was half written when the power failed counts as
/// none. A cache that cannot be written is a slower run, not a failed one.
package struct RecordingCache: Sendable {
    private let folder: String
    private let options: FeatureOptions
    /// What else decides about log-mel features.
    private let others: String
    private static let magic = Array("UTRF0001".utf8)

    /// Makes the folder where it is missing.
    /// - Throws: ``DataError`` where that cannot be.
    init(folder: String, frontEnd: FrontEnd) throws(DataError) {
        self.folder = folder
        options = frontEnd.options.logMel
        others = frontEnd.range == nil && frontEnd.padding == 0 ? "" : "\(frontEnd.range == nil) \(frontEnd.padding)"
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw DataError(
                folder, "cannot be made a folder of features and samples", mend: "give another as data.cache")
        }
    }

    /// The log-mel features that are kept of a recording at a speed, else what `compute` gives, which is then kept.
    func features(
        of path: String, speed: Double, dimension: Int, compute: () throws -> FeatureMatrix
    ) rethrows -> FeatureMatrix {
        let place = place(of: path, "\(speed)\n\(options)\(others)", ending: "logmel")
        let values = try kept(at: place, columns: dimension) { try compute().values }
        return FeatureMatrix(dimension: dimension, values: values)
    }

    /// The samples that are kept of a recording, at the sample rate of the options; else what `compute` gives.
    func samples(of path: String, compute: () throws -> [Float]) rethrows -> [Float] {
        try kept(at: place(of: path, "\(options.sampleRate)", ending: "samples"), columns: 1, compute: compute)
    }

    private func kept(at place: String?, columns: Int, compute: () throws -> [Float]) rethrows -> [Float] {
        guard let place else { return try compute() }
        if let stored = read(place, columns: columns) { return stored }
        let values = try compute()
        write(values, columns: columns, to: place)
        return values
    }

    private func place(of path: String, _ settings: String, ending: String) -> String? {
        guard let status = RawPath(path).status else { return nil }
        let (seconds, nanoseconds) = status.modified.quotientAndRemainder(dividingBy: 1_000_000_000)
        let key = "\(path)\n\(status.st_size) \(seconds).\(nanoseconds)\n\(settings)"
        // Two sums of 64 bits: that two recordings meet is out of the question.
        let sums = [UInt64(0xcbf2_9ce4_8422_2325), 0x6c62_272e_07bb_0142].map { basis in
            var fingerprint = Fingerprint(basis: basis)
            fingerprint.add(key)
            return fingerprint.sum
        }
        let digits = sums.map { String($0, radix: 16) }.joined(separator: "-")
        // Folders of a few thousand files at the most.
        return "\(folder)/\(String(sums[0] % 256, radix: 16))/\(digits).\(ending)"
    }

    private func read(_ place: String, columns: Int) -> [Float]? {
        guard let data = FileManager.default.contents(atPath: place), data.count >= 24, (data.count - 24) % 4 == 0,
            data.prefix(8).elementsEqual(Self.magic)
        else { return nil }
        return data.withUnsafeBytes { bytes in
            let stated = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            let statedColumns = bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
            let count = (data.count - 24) / 4
            guard statedColumns == UInt64(columns), count % columns == 0 else { return nil }
            let values = [Float](unsafeUninitializedCapacity: count) { buffer, initialised in
                UnsafeMutableRawBufferPointer(buffer).copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[24...]))
                initialised = count
            }
            return Self.sum(values) == stated ? values : nil
        }
    }

    private func write(_ values: [Float], columns: Int, to place: String) {
        var data = Data(Self.magic)
        withUnsafeBytes(of: Self.sum(values)) { data.append(contentsOf: $0) }
        withUnsafeBytes(of: UInt64(columns)) { data.append(contentsOf: $0) }
        values.withUnsafeBytes { data.append(contentsOf: $0) }
        let url = URL(fileURLWithPath: place)
        try? FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try? data.write(to: url, options: .atomic)
    }

    private static func sum(_ values: [Float]) -> UInt64 {
        var fingerprint = Fingerprint()
        for value in values { fingerprint.add(value) }
        return fingerprint.sum
    }
}
