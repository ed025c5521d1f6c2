import Foundation

/// WAV files byte by byte, so that headers can lie.
public struct WAVBytes {
    /// The code of the encoding: 1 is PCM, 3 floating point.
    public var format: UInt16
    /// Channels, samples a second and bits of a sample, as the header says.
    public var channels: UInt16
    /// Samples in a second.
    public var sampleRate: UInt32
    /// Bits of a sample.
    public var bits: UInt16
    /// The bytes of sound.
    public var data: [UInt8]
    /// What the data chunk says of itself; nil is the truth.
    public var statedDataSize: UInt32?
    /// Whole chunks before and after the sound.
    public var before: [UInt8]
    /// Whole chunks after the sound.
    public var after: [UInt8]

    /// A file of 16 kHz, 16 bits, one channel unless said otherwise.
    public init(
        format: UInt16 = 1, channels: UInt16 = 1, sampleRate: UInt32 = 16_000, bits: UInt16 = 16, data: [UInt8] = [],
        statedDataSize: UInt32? = nil, before: [UInt8] = [], after: [UInt8] = []
    ) {
        (self.format, self.channels, self.sampleRate, self.bits) = (format, channels, sampleRate, bits)
        (self.data, self.statedDataSize, self.before, self.after) = (data, statedDataSize, before, after)
    }

    /// The whole file.
    public var bytes: [UInt8] {
        let frameBytes = UInt32(channels) &* UInt32(bits) / 8
        let header =
            little(format) + little(channels) + little(sampleRate) + little(sampleRate &* frameBytes)
            + little(UInt16(truncatingIfNeeded: frameBytes)) + little(bits)
        let body =
            Array("WAVE".utf8) + before + chunk("fmt ", header) + Array("data".utf8)
            + little(statedDataSize ?? UInt32(data.count)) + data + after
        return Array("RIFF".utf8) + little(UInt32(body.count)) + body
    }
}

/// A RIFF chunk.
public func chunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
    Array(name.utf8) + little(UInt32(body.count)) + body + (body.count % 2 == 0 ? [] : [0])
}

/// The bytes of a number, the lowest first.
public func little<Integer: FixedWidthInteger>(_ value: Integer) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

/// 16-bit little-endian samples.
public func pcm16(_ samples: [Float]) -> [UInt8] {
    samples.flatMap { little(Int16(max(-32_768, min(32_767, ($0 * 32_768).rounded())))) }
}
