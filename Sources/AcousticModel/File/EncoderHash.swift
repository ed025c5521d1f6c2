import Features
import Files
import Messages

extension AcousticModel {
    /// A sum of 128 bits over the front end, as a model file describes it, and the encoder's weights, as 32 hexadecimal digits:
    /// two models that compute the same encoder outputs have the same. It finds mistakes; it is no defence against somebody who
    /// wants two to be equal.
    public var encoderHash: String { encoderHash(of: frontEnd.serialised) }

    /// The same as adapters of version 0.1 have it, which took the front end as Swift printed it then.
    package var formerEncoderHash: String { encoderHash(of: frontEnd.formerlyPrinted) }

    private func encoderHash(of frontEndText: String) -> String {
        let basis: [UInt64] = [0xcbf2_9ce4_8422_2325, 0x6c62_272e_07bb_0142]
        return basis.map { basis in
            var sum = Fingerprint(basis: basis)
            sum.add(frontEndText)
            frontEnd.scale.forEach { sum.add($0) }
            for tensor in encoder.parameters { for value in tensor { sum.add(value) } }
            let digits = String(sum.sum, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

extension FrontEnd {
    /// What decides about the steps, as JSON. Range and padding are no part of it: adapters may have their own.
    package var serialised: String {
        var described = FrontEndDescription(self)
        (described.range, described.padding) = (nil, nil)
        // JSON has no word for infinite numbers alone, which options that were checked do not have.
        return "\(options.sampleRate) \((try? JSONLine.encode(described)) ?? "")"
    }

    /// The options and the normalisation as Swift printed them in version 0.1.
    package var formerlyPrinted: String {
        let o = options
        let name =
            switch normalisation {
            case .none: "none"
            case .mean: "mean"
            case .meanAndScale: "meanAndScale"
            case .soundMean: "soundMean"
            case .soundMeanAndScale: "soundMeanAndScale"
            }
        return "FeatureOptions(kind: Features.FeatureKind.\(o.kind.rawValue), sampleRate: \(o.sampleRate), "
            + "windowLength: \(o.windowLength), frameShift: \(o.frameShift), "
            + "window: Features.WindowShape.\(o.window.rawValue), preemphasis: \(o.preemphasis), "
            + "removesDC: \(o.removesDC), snipsEdges: \(o.snipsEdges), melBands: \(o.melBands), "
            + "lowFrequency: \(o.lowFrequency), highFrequency: \(o.highFrequency), coefficients: \(o.coefficients), "
            + "lifter: \(o.lifter), usesEnergy: \(o.usesEnergy), rawEnergy: \(o.rawEnergy), "
            + "energyFloor: \(o.energyFloor), sampleScale: \(o.sampleScale)) \(name) \(stack) \(stride)"
    }
}
