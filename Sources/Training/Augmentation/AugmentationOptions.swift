/// How recordings are changed before they are learned from, so that a model hears more than was recorded. What is nil
/// is off; the default changes nothing.
///
/// The keys of a recipe are the names here in lower case with underscores; a range is a list of two numbers. A key that
/// is left out has its default, one that is not known is an error. docs/augmentation.md has the sources.
public struct AugmentationOptions: Sendable, Equatable, Codable {
    /// Each utterance is played at one of these speeds, pitch and all; 1 is as it was recorded (Ko et al. 2015).
    public var speeds = [1.0]
    /// Bands and stretches of time that are hidden.
    public var spectrogram: SpectrogramMasking?
    /// Noise that is added.
    public var noise: NoiseMixing?
    /// A change of level.
    public var gain: GainChange?
    /// The sound of a telephone.
    public var telephone: TelephoneBand?
    /// The sound of a room.
    public var room: RoomSimulation?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case speeds, spectrogram, noise, gain, telephone, room
    }

    /// Changes nothing.
    public init() {}

    /// Reads a recipe's part on augmentation.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.knownKeys(CodingKeys.self)
        try values.update(&speeds, .speeds)
        spectrogram = try values.decodeIfPresent(SpectrogramMasking.self, forKey: .spectrogram)
        noise = try values.decodeIfPresent(NoiseMixing.self, forKey: .noise)
        gain = try values.decodeIfPresent(GainChange.self, forKey: .gain)
        telephone = try values.decodeIfPresent(TelephoneBand.self, forKey: .telephone)
        room = try values.decodeIfPresent(RoomSimulation.self, forKey: .room)
    }
}

/// SpecAugment without warping (Park et al. 2019): masks over log-mel features, filled with each band's mean over the
/// utterance.
public struct SpectrogramMasking: Sendable, Equatable, Codable {
    /// How many ranges of bands are hidden; they may overlap.
    public var frequencyMasks = 2
    /// The most bands that one hides; each width from 0 to this is as likely. About a fifth of the bands there are.
    public var frequencyWidth = 15
    /// How many stretches of time are hidden; they may overlap.
    public var timeMasks = 2
    /// The most frames that one hides.
    public var timeWidth = 50
    /// The largest share of an utterance that one hides, so that short ones are not lost.
    public var timeShare = 0.1

    enum CodingKeys: String, CodingKey, CaseIterable {
        case frequencyMasks = "frequency_masks"
        case frequencyWidth = "frequency_width"
        case timeMasks = "time_masks"
        case timeWidth = "time_width"
        case timeShare = "time_share"
    }

    /// The defaults.
    public init() {}

    /// Reads a part of a recipe.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.knownKeys(CodingKeys.self)
        try values.update(&frequencyMasks, .frequencyMasks)
        try values.update(&frequencyWidth, .frequencyWidth)
        try values.update(&timeMasks, .timeMasks)
        try values.update(&timeWidth, .timeWidth)
        try values.update(&timeShare, .timeShare)
    }
}

/// Noise of a folder, added at a drawn ratio of speech to noise.
public struct NoiseMixing: Sendable, Equatable, Codable {
    /// The folder; recordings of any format, in folders of any depth.
    public var folder: String
    /// The share of utterances that get noise.
    public var probability = 0.5
    /// The mean power of the utterance over that of the noise, decibels.
    public var snr = 5.0...20.0

    enum CodingKeys: String, CodingKey, CaseIterable {
        case folder, probability, snr
    }

    /// The defaults, for a folder.
    public init(folder: String) { self.folder = folder }

    /// Reads a part of a recipe.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.knownKeys(CodingKeys.self)
        folder = try values.decode(String.self, forKey: .folder)
        try values.update(&probability, .probability)
        try values.update(&snr, .snr)
    }
}

/// A change of level.
public struct GainChange: Sendable, Equatable, Codable {
    /// The share of utterances whose level is changed.
    public var probability = 1.0
    /// By how much, decibels.
    public var decibels = -12.0...6.0

    enum CodingKeys: String, CodingKey, CaseIterable {
        case probability, decibels
    }

    /// The defaults.
    public init() {}

    /// Reads a part of a recipe.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.knownKeys(CodingKeys.self)
        try values.update(&probability, .probability)
        try values.update(&decibels, .decibels)
    }
}

/// The narrow band of a telephone: 300 to 3400 Hz at 8 kHz, coded by the mu-law (ITU-T G.711), and back.
public struct TelephoneBand: Sendable, Equatable, Codable {
    /// The share of utterances that come by telephone.
    public var probability = 0.2

    enum CodingKeys: String, CodingKey, CaseIterable {
        case probability
    }

    /// The defaults.
    public init() {}

    /// Reads a part of a recipe.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.knownKeys(CodingKeys.self)
        try values.update(&probability, .probability)
    }
}

/// The reverberation of a drawn room: early reflections of its walls, then decaying noise.
public struct RoomSimulation: Sendable, Equatable, Codable {
    /// The share of utterances that are spoken in a room.
    public var probability = 0.3
    /// The time in which sound dies away by 60 dB (RT60), seconds.
    public var reverberationTime = 0.2...0.6
    /// From mouth to microphone, metres; cut where the room is smaller.
    public var distance = 0.5...2.0

    enum CodingKeys: String, CodingKey, CaseIterable {
        case probability, distance
        case reverberationTime = "reverberation_time"
    }

    /// The defaults.
    public init() {}

    /// Reads a part of a recipe.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.knownKeys(CodingKeys.self)
        try values.update(&probability, .probability)
        try values.update(&reverberationTime, .reverberationTime)
        try values.update(&distance, .distance)
    }
}
