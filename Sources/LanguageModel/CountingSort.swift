/// Sorting of numbers by one key after the other, the least significant first (Knuth, vol. 3, section 5.2.5): linear in
/// the numbers and in the buckets, whatever the length of the whole key, and with one more array alone.
struct CountingSort {
    private var starts: [Int]
    private var other: [UInt32]

    /// - Parameters:
    ///   - count: how many numbers will be sorted.
    ///   - buckets: keys are less than this.
    init(count: Int, buckets: Int) {
        starts = [Int](repeating: 0, count: buckets)
        other = [UInt32](repeating: 0, count: count)
    }

    /// Sorts by a key, keeping the order of equal ones.
    @inline(__always)
    mutating func sort(_ numbers: inout [UInt32], by key: (UInt32) -> Int) {
        for bucket in starts.indices { starts[bucket] = 0 }
        starts.withUnsafeMutableBufferPointer { starts in
            other.withUnsafeMutableBufferPointer { other in
                for number in numbers { starts[key(number)] += 1 }
                var sum = 0
                for bucket in starts.indices { (starts[bucket], sum) = (sum, sum + starts[bucket]) }
                for number in numbers {
                    let bucket = key(number)
                    other[starts[bucket]] = number
                    starts[bucket] += 1
                }
            }
        }
        swap(&numbers, &other)
    }
}
