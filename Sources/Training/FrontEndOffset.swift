import AcousticModel
import AudioIO
import Corpora
import Networks

/// What the steps of one front end are above those of another: what a model loses that was trained behind the first and is put
/// behind the second, and its biases can take up (`AcousticModel.behind(_:offset:)`).
///
/// Two means that are subtracted differ by a constant for each recording and coefficient. It is measured as the median over
/// the steps of a recording, which cells that a range holds do not move, and averaged over recordings.
public enum FrontEndOffset {
    /// Measures it.
    /// - Parameters:
    ///   - old: the front end that the model was trained behind.
    ///   - new: another with steps of the same size and times.
    ///   - rows: recordings of speech, of a minute each at most; a few dozen are enough.
    /// - Returns: one number for each coefficient, and the recordings that could not be heard.
    public static func measure(
        from old: FrontEnd, to new: FrontEnd, rows: [ManifestRow], threads: Int,
        progress: @Sendable (RowProgress) -> Void = RowProgress.ignore
    ) -> (offset: [Float], problems: [BadLine]) {
        let dimension = old.options.dimension
        precondition(new.options.dimension == dimension && old.stack == new.stack && old.stride == new.stride)
        // Padding moves the steps, and has no part in what is asked.
        func plain(_ frontEnd: FrontEnd) -> FrontEnd {
            FrontEnd(
                options: frontEnd.options, normalisation: frontEnd.normalisation, scale: frontEnd.scale, stack: 1,
                stride: 1, range: frontEnd.range)
        }
        let (before, after) = (plain(old), plain(new))
        let results = mapInParallel(rows.count, threads: threads, progress: progress) { index in
            Result { () throws -> [Float]? in
                let rate = old.options.sampleRate
                let samples = try AudioFile.read(rows[index].audioPath, sampleRate: rate).waveform.samples
                let heard = Array(samples.prefix(60 * rate))
                // Digital silence, which synthesisers leave, would drag the old mean with it.
                let a = before.steps(ofFrames: try before.frames(of: heard), isWindow: true)
                let b = try after.steps(of: heard)
                guard a.rows > 0 else { return nil }
                return (0..<dimension).map { column in
                    let differences = (0..<a.rows).map { a[$0, column] - b[$0, column] }.sorted()
                    return differences[differences.count / 2]
                }
            }
        }
        var (sums, count) = ([Double](repeating: 0, count: dimension), 0)
        var problems: [BadLine] = []
        for (row, result) in zip(rows, results) {
            switch result {
            case .success(let offset?):
                count += 1
                for column in 0..<dimension { sums[column] += Double(offset[column]) }
            case .success(nil): problems.append(BadLine(row.manifest, row.line, "shorter than a frame"))
            case .failure(let error): problems.append(BadLine(row.manifest, row.line, "\(error)"))
            }
        }
        return (sums.map { count == 0 ? 0 : Float($0 / Double(count)) }, problems)
    }
}
