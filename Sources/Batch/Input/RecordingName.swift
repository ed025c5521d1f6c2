import Files

extension RawPath {
    /// Whether the ending of its name is one that recordings and films have.
    var isCalledRecording: Bool {
        guard let dot = name.lastIndex(of: Self.dot), dot > name.startIndex else { return false }
        return Self.endings.contains(String(decoding: name[(dot + 1)...], as: UTF8.self).lowercased())
    }

    private static let endings: Set<String> = [
        "3ga", "3gp", "3gpp", "aac", "ac3", "aif", "aifc", "aiff", "alaw", "amr", "ape", "asf", "au", "avi", "awb",
        "caf", "ds2", "dss", "flac", "flv", "g722", "g726", "g729", "gsm", "m4a", "m4b", "m4v", "mka", "mkv", "mov",
        "mp1", "mp2", "mp3", "mp4", "mpc", "mpeg", "mpg", "oga", "ogg", "ogv", "opus", "pcm", "ra", "rf64", "rm",
        "sln", "snd", "sph", "spx", "tta", "ulaw", "voc", "w64", "wav", "wave", "weba", "webm", "wma", "wmv", "wv",
    ]
}
