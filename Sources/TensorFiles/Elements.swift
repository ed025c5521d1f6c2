/// Stored little-endian elements as Swift numbers. The bytes need no alignment: headers of odd length are lawful.
enum Elements {
    /// Floats from floating-point elements (F64 rounded to nearest, infinite beyond float32); nil for integer types.
    static func floats(_ bytes: UnsafeRawBufferPointer, _ type: TensorDataType) -> [Float]? {
        switch type {
        case .float16: convert(bytes) { (word: UInt16) in ReducedPrecision.float(half: word) }
        case .bfloat16: convert(bytes) { (word: UInt16) in ReducedPrecision.float(bfloat: word) }
        case .float32: convert(bytes) { (word: UInt32) in Float(bitPattern: word) }
        case .float64: convert(bytes) { (word: UInt64) in Float(Double(bitPattern: word)) }
        default: nil
        }
    }

    /// Integers from signed elements and short unsigned ones, truth values as 0 and 1; nil for floats and U64.
    static func integers(_ bytes: UnsafeRawBufferPointer, _ type: TensorDataType) -> [Int]? {
        switch type {
        case .bool: convert(bytes) { (word: UInt8) in word == 0 ? 0 : 1 }
        case .uint8: convert(bytes) { (word: UInt8) in Int(word) }
        case .int8: convert(bytes) { (word: Int8) in Int(word) }
        case .int16: convert(bytes) { (word: Int16) in Int(word) }
        case .uint16: convert(bytes) { (word: UInt16) in Int(word) }
        case .int32: convert(bytes) { (word: Int32) in Int(word) }
        case .uint32: convert(bytes) { (word: UInt32) in Int(word) }
        case .int64: convert(bytes) { (word: Int64) in Int(word) }
        default: nil
        }
    }

    /// U64 elements, which `Int` may be too small for.
    static func unsigned(_ bytes: UnsafeRawBufferPointer) -> [UInt64] { convert(bytes) { (word: UInt64) in word } }

    @inline(__always)
    private static func convert<Word: FixedWidthInteger & BitwiseCopyable, Value>(
        _ bytes: UnsafeRawBufferPointer, _ value: (Word) -> Value
    ) -> [Value] {
        let size = MemoryLayout<Word>.size
        guard let source = bytes.baseAddress, bytes.count >= size else { return [] }
        let count = bytes.count / size
        return [Value](unsafeUninitializedCapacity: count) { output, initialized in
            for index in 0..<count {
                let word = source.loadUnaligned(fromByteOffset: index &* size, as: Word.self)
                output.initializeElement(at: index, to: value(Word(littleEndian: word)))
            }
            initialized = count
        }
    }
}
