import Files

extension NGramModel {
    /// Writes an ARPA file; `-` is standard output. Numbers have as many digits as bring back the same value.
    /// - Throws: `FileError`.
    public func write(arpa path: String) throws {
        try AtomicFile.write(to: path, allowingStreams: true) { file in
            try file.append("\\data\\\n")
            for (level, count) in counts.enumerated() { try file.append("ngram \(level + 1)=\(count)\n") }
            for level in 0..<order {
                try file.append("\n\\\(level + 1)-grams:\n")
                try trie.forEach(level: level) { key, node in
                    try file.append("\(node.log10)")
                    for (place, word) in key.enumerated() {
                        try file.append(CollectionOfOne(place == 0 ? 9 : 32))
                        try file.append(words.word(word))
                    }
                    if node.backOff.bitPattern != noExtension.bitPattern { try file.append("\t\(node.backOff)") }
                    try file.append(CollectionOfOne(10))
                }
            }
            try file.append("\n\\end\\\n")
        }
    }
}
