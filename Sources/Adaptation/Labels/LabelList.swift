import Corpora
import Messages

/// Labels from a text file, one a line.
enum LabelList {
    /// Reads them; empty lines and a label that comes again are passed over.
    /// - Throws: ``DataError`` that names all lines that are no label, or where there is no label at all.
    static func read(_ path: String) throws(DataError) -> [String] {
        let lines = try TextLines(path: path)
        var labels: [String] = []
        var seen: Set<String> = []
        var bad: [BadLine] = []
        while let line = try lines.next() {
            switch line.content {
            case .failure(let problem): bad.append(BadLine(path, line.number, problem.reason))
            case .success(let text):
                let label = ManifestEntry.normalised(text)
                guard OneLine.escaped(label) == label else {
                    bad.append(BadLine(path, line.number, "it has a control character"))
                    continue
                }
                if !label.isEmpty, seen.insert(label).inserted { labels.append(label) }
            }
        }
        guard bad.isEmpty else {
            let named = bad.prefix(8).map { "line \($0.line): \($0.reason)" }.joined(separator: "; ")
            throw DataError(
                path, "has lines that are no label, \(named)\(bad.count > 8 ? "; and \(bad.count - 8) more" : "")",
                mend: "give a text file in UTF-8 with a label a line")
        }
        guard !labels.isEmpty else {
            throw DataError(path, "lists no label", mend: "write one a line")
        }
        return labels
    }
}
