import Foundation

/// Sound without a header: nothing in the file says what it is, so only its name can.
enum HeaderlessSound {
    /// What a file is by the ending of its name, and how it gets a header; nil where the name says nothing.
    static func hint(_ path: String) -> String? {
        let ending = (path as NSString).pathExtension.lowercased()
        guard let (name, format) = formats[ending] else { return nil }
        return "\(name) without a header, whose sample rate nothing states"
            + " (ffmpeg -f \(format) IN OUT.wav gives it one)"
    }

    /// Telephone systems write them so. The rates are the usual ones.
    private static let formats: [String: (name: String, ffmpeg: String)] = [
        "ulaw": ("\u{B5}-law", "mulaw -ar 8000 -i"), "ul": ("\u{B5}-law", "mulaw -ar 8000 -i"),
        "mulaw": ("\u{B5}-law", "mulaw -ar 8000 -i"), "pcmu": ("\u{B5}-law", "mulaw -ar 8000 -i"),
        "alaw": ("A-law", "alaw -ar 8000 -i"), "al": ("A-law", "alaw -ar 8000 -i"),
        "pcma": ("A-law", "alaw -ar 8000 -i"), "g722": ("G.722", "g722 -i"),
        "g726": ("G.726", "g726le -ar 8000 -i"), "g729": ("G.729", "g729 -i"),
        "pcm": ("PCM", "s16le -ar 16000 -i"), "raw": ("PCM", "s16le -ar 16000 -i"),
        "sln": ("PCM", "s16le -ar 8000 -i"), "sln16": ("PCM", "s16le -ar 16000 -i"),
    ]
}
