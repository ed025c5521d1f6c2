import Foundation
import TensorFiles
import Text

/// A recording and what is said in it: a line of a manifest.
///
/// ```json
/// {"audio_filepath": "clips/17.wav", "duration": 1.67, "text": "turn on the lamp", "speaker": "ada"}
/// ```
public struct ManifestEntry: Sendable, Equatable {
    /// The path of the recording as the manifest has it: relative to the manifest's folder, or absolute.
    public var audioFilePath: String
    /// Seconds; nil where the manifest does not say.
    public var duration: Double?
    /// What is said: composed (NFC), words apart by single spaces; empty where nothing is.
    public var text: String
    /// Who says it; nil where that is unknown.
    public var speaker: String?
    /// Fields of other names.
    public var other: [String: JSONValue]

    /// An entry of which all is known. The text is taken as it is.
    public init(
        audioFilePath: String, duration: Double? = nil, text: String, speaker: String? = nil,
        other: [String: JSONValue] = [:]
    ) {
        self.audioFilePath = audioFilePath
        self.duration = duration
        self.text = text
        self.speaker = speaker
        self.other = other
    }

    /// The entry as JSON on one line: the known fields first, the others in alphabetical order.
    public var json: String {
        var members: [(key: String, value: JSONValue)] = [("audio_filepath", .string(audioFilePath))]
        if let duration { members.append(("duration", .number(duration))) }
        members.append(("text", .string(text)))
        if let speaker { members.append(("speaker", .string(speaker))) }
        return JSONValue.object(members + other.sorted { $0.key < $1.key })
    }

    /// Puts transcripts into one form, so that equal texts are equal in bytes.
    ///
    /// Accents written as a letter and a combining mark become one code point where there is one (NFC); any white space
    /// becomes single spaces between words, and characters that nobody sees (the soft hyphen, zero-width ones) go.
    public static func normalised(_ text: String) -> String {
        // Most text is plain ASCII with single spaces, and then nothing is copied.
        let isPlain =
            text.utf8.allSatisfy { $0 > 0x1f && $0 < 0x7f } && !text.hasPrefix(" ") && !text.hasSuffix(" ")
            && !text.contains("  ")
        if isPlain { return text }
        return text.precomposedStringWithCanonicalMapping.withoutInvisibleCharacters
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}

extension ManifestEntry {
    /// Reads a line of a manifest.
    /// - Parameter json: one JSON object.
    /// - Throws: `TextLines.Problem`, its reason a part of a sentence.
    init(json: String) throws(TextLines.Problem) {
        if let problem = Self.hiddenProblem(in: json) { throw problem }
        do {
            self = try JSONDecoder().decode(Fields.self, from: Data(json.utf8)).entry
        } catch let problem as TextLines.Problem {
            throw problem
        } catch {
            throw TextLines.Problem(reason: "not a JSON object")
        }
    }

    /// What JSONDecoder passes over in silence (it takes one of two equal keys), or calls by another name (a raw tab makes a
    /// string "no string").
    private static func hiddenProblem(in json: String) -> TextLines.Problem? {
        var scanner = JSONScanner(Array(json.utf8))
        do {
            try scanner.object { _, scanner in try scanner.skip() }
            return nil
        } catch {
            guard let failure = error as? JSONScanner.Failure else { return nil }
            return switch failure.rule {
            case .syntax: nil
            case .repeatedKey: TextLines.Problem(reason: "\(failure.reason): keep one of them")
            case .controlCharacter:
                TextLines.Problem(reason: "\(failure.reason): write a tab as \\t, a line end as \\n")
            case .halfSurrogate: TextLines.Problem(reason: "\(failure.reason): write the character itself, in UTF-8")
            }
        }
    }

    /// The fields as they stand in a line.
    private struct Fields: Decodable {
        var entry: ManifestEntry

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Key.self)
            func problem(_ reason: String) -> TextLines.Problem { TextLines.Problem(reason: reason) }
            func string(_ name: String) throws -> String? {
                guard fields.contains(Key(name)), try !fields.decodeNil(forKey: Key(name)) else { return nil }
                guard let value = try? fields.decode(String.self, forKey: Key(name)) else {
                    throw problem("the field '\(name)' is not a string")
                }
                return value
            }
            func number(_ name: String) throws -> Double? {
                guard fields.contains(Key(name)), try !fields.decodeNil(forKey: Key(name)) else { return nil }
                guard let value = try? fields.decode(Double.self, forKey: Key(name)), value.isFinite, value >= 0 else {
                    throw problem("the field '\(name)' is not a number of seconds")
                }
                return value
            }
            guard let path = try string("audio_filepath") else { throw problem("no field 'audio_filepath'") }
            guard !path.isEmpty, !path.utf8.contains(0) else {
                throw problem("the field 'audio_filepath' holds no path")
            }
            guard let text = try string("text") else { throw problem("no field 'text' (\"\" where nothing is said)") }
            // To pass over it would pair the whole recording with the text of a part.
            if let offset = try number("offset"), offset > 0 {
                throw problem("'offset' is \(offset): parts of a recording are not read; cut it into files first")
            }
            var speaker = try? string("speaker")
            if speaker == nil, let number = try? fields.decode(Int.self, forKey: Key("speaker")) {
                speaker = "\(number)"
            }
            var other: [String: JSONValue] = [:]
            for key in fields.allKeys where !Self.known.contains(key.stringValue) {
                other[key.stringValue] = try fields.decode(JSONValue.self, forKey: key)
            }
            let name = speaker.flatMap(\.self).map { ManifestEntry.normalised($0) }
            entry = ManifestEntry(
                audioFilePath: path, duration: try number("duration"), text: text,
                speaker: name == "" ? nil : name, other: other)
        }

        static let known: Set = ["audio_filepath", "duration", "text", "speaker"]
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
