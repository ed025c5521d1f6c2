/// The header of a frame of MPEG audio (ISO/IEC 11172-3, 2.4.1.3; 13818-3 for the low sample rates; 2.5 is Fraunhofer's).
struct MPEGHeader: Equatable {
    /// 1, 2, or 3 for 2.5.
    let version: Int
    let layer: Int
    let hasCRC: Bool
    /// In hertz.
    let sampleRate: Int
    let channels: Int
    /// Bytes of the frame with its header.
    let length: Int

    /// Samples of each channel in the frame.
    var samples: Int { layer == 1 ? 384 : layer == 3 && version > 1 ? 576 : 1_152 }

    /// Bytes of layer III's side information.
    var sideBytes: Int { version == 1 ? (channels == 1 ? 17 : 32) : (channels == 1 ? 9 : 17) }

    /// The bytes before layer III's side information: the header, and the checksum where there is one.
    var headBytes: Int { hasCRC ? 6 : 4 }

    /// - Parameter word: the four bytes, the high one first.
    /// - Returns: nil where it is no header, or one of the free format, whose frames do not state their length.
    init?(_ word: UInt32) {
        guard word >> 21 == 0x7FF else { return nil }
        let versionBits = Int(word >> 19 & 3)
        let layerBits = Int(word >> 17 & 3)
        let rateBits = Int(word >> 10 & 3)
        let bitRateIndex = Int(word >> 12 & 15)
        guard versionBits != 1, layerBits != 0, rateBits != 3, bitRateIndex != 15, bitRateIndex != 0, word & 3 != 2
        else { return nil }
        version = versionBits == 3 ? 1 : versionBits == 2 ? 2 : 3
        layer = 4 - layerBits
        hasCRC = word >> 16 & 1 == 0
        sampleRate = (rateBits == 0 ? 44_100 : rateBits == 1 ? 48_000 : 32_000) >> (version - 1)
        channels = word >> 6 & 3 == 3 ? 1 : 2
        let column = version == 1 ? layer - 1 : layer == 1 ? 3 : 4
        let bitRate = Self.bitRates[column * 16 + bitRateIndex] * 1_000
        let padding = Int(word >> 9 & 1)
        switch layer {
        case 1: length = (12 * bitRate / sampleRate + padding) * 4
        case 2: length = 144 * bitRate / sampleRate + padding
        default: length = (version == 1 ? 144 : 72) * bitRate / sampleRate + padding
        }
        // No room for what every frame has.
        guard length >= headBytes + (layer == 3 ? sideBytes : 2) else { return nil }
    }

    /// Whether a word is the header of a frame of the free format, or of the only frame in so many bytes.
    static func mayBeAlone(_ word: UInt32, _ bytes: Int) -> Bool {
        if let header = MPEGHeader(word) { return header.length <= bytes && bytes < header.length + 256 }
        // With a bit rate put in place of none.
        return word >> 12 & 15 == 0 && MPEGHeader(word | 0x5000) != nil
    }

    /// Whether a frame can follow this one without a decoder that begins anew.
    func isSameStream(as other: MPEGHeader) -> Bool {
        version == other.version && layer == other.layer && sampleRate == other.sampleRate && channels == other.channels
    }

    /// Kilobits a second by index: layers I, II and III, then layer I and the others at low sample rates.
    private static let bitRates = [
        0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448, 0,
        0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 0,
        0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0,
        0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256, 0,
        0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0,
    ]
}

extension MPEGHeader {
    /// Whether layer III's side information contradicts itself, so that the frame cannot be decoded.
    /// - Parameter frame: the whole frame.
    func isBroken(_ frame: UnsafeRawBufferPointer) -> Bool {
        guard layer == 3, headBytes + sideBytes <= frame.count else { return false }
        var bits = BitReader(frame, from: headBytes)
        let begin = bits.take(version == 1 ? 9 : 8)
        _ = bits.take(version == 1 ? (channels == 1 ? 5 : 3) : (channels == 1 ? 1 : 2))
        if version == 1 { _ = bits.take(4 * channels) }
        var total = 0
        for _ in 0..<(version == 1 ? 2 : 1) * channels {
            total += bits.take(12)
            if bits.take(9) > 288 { return true }
            _ = bits.take(8 + (version == 1 ? 4 : 9))
            if bits.take(1) == 1 {
                if bits.take(2) == 0 { return true }
                _ = (bits.take(1 + 10), bits.take(9))
            } else {
                _ = (bits.take(15), bits.take(4 + 3))
            }
            _ = bits.take(version == 1 ? 3 : 2)
        }
        return total > 8 * (begin + length - headBytes - sideBytes)
    }
}
