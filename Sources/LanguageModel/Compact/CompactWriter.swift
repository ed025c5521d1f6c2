import Files

extension NGramModel {
    /// How a compiled model holds probabilities and back-off weights.
    public enum Precision: Sendable, Equatable {
        /// As they are, 32 bits each.
        case exact
        /// As numbers of so many bits, 2 to 16, in a list for each length of n-grams. With 8 bits the perplexity changes
        /// by a fraction of a percent.
        case bits(Int)
    }

    /// Writes a compiled model, which ``CompactModel`` maps.
    /// - Throws: ``LanguageModelError`` or `FileError`.
    public func write(compact path: String, precision: Precision = .exact) throws {
        let (layout, bits) = try compactLayout(precision, path: path)
        try AtomicFile.write(to: path, allowingStreams: true) { file in
            try append(compact: layout, bits: bits) { try file.append($0) }
        }
    }

    /// The bytes of a compiled model.
    /// - Throws: ``LanguageModelError``.
    package func compactBytes(precision: Precision = .exact) throws -> [UInt8] {
        let (layout, bits) = try compactLayout(precision, path: "the model")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(layout.size)
        try append(compact: layout, bits: bits) { bytes += $0 }
        return bytes
    }

    private func compactLayout(_ precision: Precision, path: String) throws -> (CompactLayout, bits: Int) {
        var bits = 32
        if case .bits(let wanted) = precision {
            guard (2...16).contains(wanted) else {
                throw LanguageModelError.badSetting(
                    name: "quantisation to", value: "\(wanted) bits", mend: "give 2 to 16, or none")
            }
            bits = wanted
        }
        guard
            let layout = CompactLayout(
                counts: counts, logBits: bits, backOffBits: bits, wordBytes: words.bytes.count)
        else {
            throw LanguageModelError.malformed(
                path: path, reason: "the model is too large for the format", mend: "prune it first")
        }
        return (layout, bits)
    }

    /// Hands over the bytes of a compiled model part by part.
    private func append(compact layout: CompactLayout, bits: Int, _ write: ([UInt8]) throws -> Void) throws {
        var size = 0
        func append(_ bytes: [UInt8], at offset: Int) throws {
            try write([UInt8](repeating: 0, count: offset - size))
            try write(bytes)
            size = offset + bytes.count
        }
        try append(layout.head, at: 0)
        let quantisers = try trie.levels.enumerated().map { index, nodes -> (Quantiser, Quantiser)? in
            guard bits < 32 else { return nil }
            let nodes = nodes.dropLast()
            // Zero probability, which <s> has, stays what it is.
            let log = Quantiser(nodes.map(\.log10), bits: bits, fixed: index == 0 ? [-99] : [])
            let backOff = Quantiser(nodes.map(\.backOff), bits: bits, fixed: [noExtension, 0])
            for (place, quantiser) in [log, backOff].enumerated() {
                let bytes = quantiser.values.flatMap { CompactLayout.little($0.bitPattern) }
                try append(bytes, at: layout.tables[index * 2 + place])
            }
            return (log, backOff)
        }
        try append(words.starts.flatMap { CompactLayout.little(UInt32($0)) }, at: layout.starts)
        try append(words.bytes, at: layout.words)
        for (index, level) in layout.levels.enumerated() {
            var packed = BitWriter()
            for node in trie.levels[index] {
                packed.append(node.word, bits: level.wordBits)
                let quantiser = quantisers[index]
                packed.append(quantiser?.0.code(node.log10) ?? node.log10.bitPattern, bits: level.logBits)
                guard level.childBits > 0 || level.backOffBits > 0 else { continue }
                packed.append(quantiser?.1.code(node.backOff) ?? node.backOff.bitPattern, bits: level.backOffBits)
                packed.append(node.children, bits: level.childBits)
            }
            packed.finish()
            try append(packed.bytes, at: level.offset)
        }
    }
}
