/// Bits of bytes, the high one first.
struct BitReader {
    private let bytes: UnsafeRawBufferPointer
    private var position: Int

    init(_ bytes: UnsafeRawBufferPointer, from byte: Int) { (self.bytes, position) = (bytes, 8 * byte) }

    /// The next bits, 16 at most, as a number; zeros beyond the end.
    mutating func take(_ count: Int) -> Int {
        var window = 0
        for index in position >> 3..<position >> 3 + 3 {
            window = window << 8 | (index < bytes.count ? Int(bytes[index]) : 0)
        }
        defer { position += count }
        return window >> (24 - position & 7 - count) & (1 << count - 1)
    }
}
