/// N-grams of one length, in flat arrays.
struct NGramColumns {
    /// How many words each has.
    let length: Int
    /// The words of all, one n-gram after the other, in the order of reading.
    var words: [UInt32] = []
    var log10: [Float] = []
    var backOff: [Float] = []

    init(length: Int) { self.length = length }

    var count: Int { log10.count }

    /// The words of an n-gram.
    func key(_ index: Int) -> ArraySlice<UInt32> { words[(index * length)..<((index + 1) * length)] }

    mutating func append(_ key: some Collection<UInt32>, log10 value: Float, backOff weight: Float) {
        words.append(contentsOf: key)
        log10.append(value)
        backOff.append(weight)
    }

    /// Brings the n-grams into the order of the trie: by the last word, then by the one before it, and so on. An n-gram
    /// that was put in to fill a gap gives way to the same one with a value.
    /// - Returns: an n-gram that is there twice with a value, if any is.
    mutating func sort(vocabularySize: Int) -> ArraySlice<UInt32>? {
        var order = (0..<UInt32(count)).map { $0 }
        var sorter = CountingSort(count: count, buckets: vocabularySize)
        words.withUnsafeBufferPointer { words in
            for place in 0..<length { sorter.sort(&order) { Int(words[Int($0) * length + place]) } }
        }
        var sorted = NGramColumns(length: length)
        sorted.words.reserveCapacity(words.count)
        sorted.log10.reserveCapacity(count)
        sorted.backOff.reserveCapacity(count)
        for index in order {
            let index = Int(index)
            if sorted.count > 0, sorted.key(sorted.count - 1) == key(index) {
                if log10[index].isNaN { continue }
                let last = sorted.count - 1
                guard sorted.log10[last].isNaN else { return key(index) }
                (sorted.log10[last], sorted.backOff[last]) = (log10[index], backOff[index])
            } else {
                sorted.append(key(index), log10: log10[index], backOff: backOff[index])
            }
        }
        self = sorted
        return nil
    }
}
