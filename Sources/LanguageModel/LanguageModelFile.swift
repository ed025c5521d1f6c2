import Files

/// Language models in files.
public enum LanguageModelFile {
    /// Opens a compiled model or reads an ARPA file, plain or compressed, whichever it is; `-` is standard input.
    /// - Throws: ``LanguageModelError``.
    public static func open(_ path: String) throws -> any LanguageModelQuery {
        CompactModel.isCompact(path) ? try CompactModel(path: path) : try NGramModel(arpa: path)
    }
}

extension LanguageModelQuery {
    /// Scores texts, one sentence a line, plain or compressed; empty lines are no sentences. A model of characters reads
    /// them by characters (see ``CharacterUnit``).
    /// - Parameters:
    ///   - paths: files; `-` is standard input.
    ///   - lowercased: bring the text to lower case first.
    /// - Throws: ``LanguageModelError``, also where the texts hold no word.
    public func score(texts paths: [String], lowercased: Bool = false) throws -> TextScore {
        var total = TextScore()
        var words: [WordID] = []
        let unit = CharacterUnit(self) == nil ? TextUnit.word : .character
        for path in paths {
            let lines = try LineSource(path: path)
            while try lines.next({ line in
                words.removeAll(keepingCapacity: true)
                try TextLine.forEachWord(line, lowercased: lowercased, asSpoken: false, unit: unit, of: lines) {
                    words.append(id(of: String(decoding: $0, as: UTF8.self)))
                }
                if !words.isEmpty { total.add(score(words: words)) }
                return true
            }) ?? false {}
        }
        guard total.words > 0 else { throw LanguageModelError.emptyText(names: paths) }
        return total
    }
}
