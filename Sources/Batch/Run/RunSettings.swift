import Files
import Foundation
import Messages
import Transcription

/// All that decides what the transcript of a recording is, beside the recording. What is done with other settings is not
/// done for this run.
public struct RunSettings: Sendable, Equatable {
    /// The name of the model.
    public let model: String
    /// A sum over the model's file (FNV-1a, 64 bits, in hexadecimal).
    public let fingerprint: String
    /// What steers decoding, and which channel is heard: names and values, sums in place of files.
    public let options: [String: String]

    /// - Parameters:
    ///   - model: the name of the model.
    ///   - path: its file.
    ///   - options: what was asked for, by name.
    ///   - files: files that decoding reads, by the name of the option; their content counts, not where they lie.
    /// - Throws: ``BatchError`` where a file cannot be read.
    public init(model: String, path: String, options: [String: String], files: [String: String]) throws {
        self.model = model
        fingerprint = try Self.sum(of: RawPath(path))
        self.options = try options.merging(files.mapValues { try Self.sum(of: RawPath($0)) }) { $1 }
    }

    /// Equal for equal settings.
    package var key: String {
        get throws { try JSONLine.encode(options.merging(["model": fingerprint]) { $1 }) }
    }

    /// How the options of earlier results differ from these, as options of the command: `--beam 16, now 4`.
    func differences(from earlier: [String: String]) -> [String] {
        let names = Set(options.keys).union(earlier.keys).filter { options[$0] != earlier[$0] }.sorted()
        // What the model's own file says is told where nothing else differs.
        let chosen = names.filter { !Self.ofModel.contains($0) }
        guard !chosen.isEmpty else { return names.map { "the model's \($0)" } }
        return chosen.map { name in
            if let file = Self.files[name] {
                let what = earlier[name] == nil ? "not given" : options[name] == nil ? "given" : "of another content"
                return "\(file) \(what)"
            }
            return "--\(name) \(earlier[name] ?? "not given"), now \(options[name] ?? "not given")"
        }
    }

    private static let ofModel: Set = ["phones", "confidence"]
    /// How a message names the file of an option, or the one that is found beside the model.
    private static let files = [
        "lm": "--lm", "general-lm": "the language model beside the model", "lexicon": "--lexicon",
        "hot-words": "--hot-words", "grammar": "--grammar",
    ]

    /// A sum over the bytes of a file.
    /// - Throws: ``BatchError`` where it cannot be read.
    package static func sum(of path: RawPath) throws(BatchError) -> String {
        let descriptor = open(path.cString, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .reading(path, code: errno) }
        defer { close(descriptor) }
        return try sum(of: descriptor, path)
    }

    /// A sum over the bytes of an open file, read from its start without moving the descriptor.
    static func sum(of descriptor: Int32, _ path: RawPath) throws(BatchError) -> String {
        var fingerprint = Fingerprint()
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        var place = 0
        while true {
            let count = buffer.withUnsafeMutableBytes { Descriptor.read(descriptor, into: $0, at: place) }
            guard count >= 0 else { throw .reading(path, code: errno) }
            guard count > 0 else { return String(format: "%016lx", fingerprint.sum) }
            fingerprint.add(bytes: buffer[..<count])
            place += count
        }
    }
}
