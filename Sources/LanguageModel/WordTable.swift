import Files

/// Words by number, in the order in which they came: the bytes of all words one after the other, and an open hash.
///
/// Words are compared byte by byte. Swift's `String` holds the two spellings of `é` to be equal; an n-gram file does not.
struct WordTable {
    /// The bytes of all words, one after the other.
    private(set) var bytes: [UInt8] = []
    /// Where each word begins in `bytes`; one more at the end.
    private(set) var starts: [Int] = [0]
    /// Number of a word plus one; 0 is an empty place. A power of two of them.
    private var slots = [UInt32](repeating: 0, count: 1 << 10)

    var count: Int { starts.count - 1 }

    /// The bytes of a word.
    func word(_ id: Int) -> ArraySlice<UInt8> { bytes[starts[id]..<starts[id + 1]] }

    /// The number of a word, where it is known.
    func find(_ word: UnsafeRawBufferPointer) -> UInt32? {
        let slot = slots[place(of: word)]
        return slot == 0 ? nil : slot - 1
    }

    /// The number of a word, which gets the next one where it is new.
    mutating func insert(_ word: UnsafeRawBufferPointer) -> UInt32 {
        var place = place(of: word)
        if slots[place] != 0 { return slots[place] - 1 }
        if count * 2 >= slots.count {
            grow()
            place = self.place(of: word)
        }
        bytes.append(contentsOf: word)
        starts.append(bytes.count)
        slots[place] = UInt32(count)
        return UInt32(count - 1)
    }

    /// Where the word is, or the empty place where it belongs.
    private func place(of word: UnsafeRawBufferPointer) -> Int {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: Self.hash(word)) & mask
        while slots[place] != 0, !isEqual(Int(slots[place] - 1), word) { place = (place + 1) & mask }
        return place
    }

    private func isEqual(_ id: Int, _ word: UnsafeRawBufferPointer) -> Bool {
        let (start, count) = (starts[id], starts[id + 1] - starts[id])
        guard count == word.count else { return false }
        return bytes.withUnsafeBytes { bytes in
            for index in 0..<count where bytes[start + index] != word[index] { return false }
            return true
        }
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        bytes.withUnsafeBytes { bytes in
            let mask = slots.count - 1
            for id in 0..<count {
                let word = UnsafeRawBufferPointer(rebasing: bytes[starts[id]..<starts[id + 1]])
                var place = Int(truncatingIfNeeded: Self.hash(word)) & mask
                while slots[place] != 0 { place = (place + 1) & mask }
                slots[place] = UInt32(id + 1)
            }
        }
    }

    /// FNV-1a (Fowler, Noll and Vo), then a step of MurmurHash3's finaliser, which spreads short words over all bits.
    /// Compiled models depend on it: a change is a new version of their format.
    static func hash(_ word: UnsafeRawBufferPointer) -> UInt64 {
        var hash = Fingerprint.sum(of: word)
        hash = (hash ^ (hash >> 33)) &* 0xff51_afd7_ed55_8ccd
        return hash ^ (hash >> 33)
    }
}
