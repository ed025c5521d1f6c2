/// How recordings are changed before they are learned from, so that a model hears more than was recorded. The default
/// changes nothing: every part has a probability, or a number of masks, of 0.
///
/// docs/augmentation.md has the sources, and values to start from.
public struct AugmentationOptions: Sendable, Equatable {
    /// Each utterance is played at one of these speeds, pitch and all; 1 is as it was recorded (Ko et al. 2015).
    public var speeds = [1.0]
    /// Bands and stretches of time that are hidden.
    public var spectrogram = SpectrogramMasking()
    /// Noise that is added.
    public var noise = NoiseMixing()
    /// A change of level.
    public var gain = GainChange()
    /// The sound of a telephone.
    public var telephone = TelephoneBand()
    /// The sound of a room.
    public var room = RoomSimulation()

    /// Changes nothing.
    public init() {}
}

/// SpecAugment without warping (Park et al. 2019): masks over log-mel features, filled with each band's mean over the
/// utterance.
public struct SpectrogramMasking: Sendable, Equatable {
    /// How many ranges of bands are hidden; they may overlap.
    public var frequencyMasks = 0
    /// The most bands that one hides; each width from 0 to this is as likely. About a fifth of the bands there are.
    public var frequencyWidth = 8
    /// How many stretches of time are hidden; they may overlap.
    public var timeMasks = 0
    /// The most frames that one hides.
    public var timeWidth = 50
    /// The largest share of an utterance that one hides, so that short ones are not lost.
    public var timeShare = 0.1

    /// No masks.
    public init() {}
}

/// Noise of a folder, added at a drawn ratio of speech to noise.
public struct NoiseMixing: Sendable, Equatable {
    /// The folder; recordings of any format, in folders of any depth.
    public var folder = ""
    /// The share of utterances that get noise.
    public var probability = 0.0
    /// The mean power of the utterance over that of the noise, decibels.
    public var snr = 5.0...20.0

    /// No noise.
    public init() {}
}

/// A change of level.
public struct GainChange: Sendable, Equatable {
    /// The share of utterances whose level is changed.
    public var probability = 0.0
    /// By how much, decibels.
    public var decibels = -12.0...6.0

    /// No change.
    public init() {}
}

/// The narrow band of a telephone: 300 to 3400 Hz at 8 kHz, coded by the mu-law (ITU-T G.711), and back.
public struct TelephoneBand: Sendable, Equatable {
    /// The share of utterances that come by telephone.
    public var probability = 0.0

    /// No telephone.
    public init() {}
}

/// The reverberation of a drawn room: early reflections of its walls, then decaying noise.
public struct RoomSimulation: Sendable, Equatable {
    /// The share of utterances that are spoken in a room.
    public var probability = 0.0
    /// The time in which sound dies away by 60 dB (RT60), seconds.
    public var reverberationTime = 0.2...0.6
    /// From mouth to microphone, metres; cut where the room is smaller.
    public var distance = 0.5...2.0

    /// No room.
    public init() {}
}
