import AcousticModel
import Foundation

/// A model that is there to be used.
package struct InstalledModel: Encodable, Sendable, Equatable {
    /// What `--model` takes: a name, or the path of one that only `$UTTER_MODEL` names or that a nearer one of its name hides.
    package let name: String
    /// The file.
    package let path: String
    /// The file's size.
    package let bytes: Int
    /// What it finds in a recording: `phones and characters`, `characters`, `words` or `labels`.
    package let reads: String
    /// Hertz of the recordings that it expects; others are converted.
    package let sampleRate: Int
    /// Whether it is used where none is named.
    package let isDefault: Bool

    enum CodingKeys: String, CodingKey {
        case name, path, bytes, reads
        case sampleRate = "sample_rate"
        case isDefault = "default"
    }

    /// All that can be named, sorted by name, and the default. Files that are no whole model of Utter's are left out.
    package static var all: [InstalledModel] {
        let usual = try? DefaultModel.path(named: nil)
        let files = ModelFolders.files
        let unnamed = usual.flatMap { path in files.contains { $0.path == path } ? nil : (name: path, path: path) }
        return (files + [unnamed].compactMap { $0 }).compactMap { file in
            guard let description = AcousticModel.description(at: file.path) else { return nil }
            return InstalledModel(
                name: file.name, path: file.path,
                bytes: (try? FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int) ?? 0,
                reads: description.reads, sampleRate: description.sampleRate, isDefault: file.path == usual)
        }
    }
}

extension ModelDescription {
    /// What a model of this kind finds in a recording.
    fileprivate var reads: String {
        switch HeadKind(rawValue: head.kind) {
        case .phones: characterHead == nil ? "phones" : "phones and characters"
        case .characters: "characters"
        case .words: "words"
        case .classifier, .phrases: "labels"
        case nil: "unknown"
        }
    }
}
