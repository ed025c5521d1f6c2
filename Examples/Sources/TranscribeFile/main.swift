// Transcribes recordings of any kind and length, with the time of each word.
// Usage: TranscribeFile RECORDING...
import ExampleSupport
import Utter

await example {
    // The model that comes with Utter, with its lexicon and its language model. Made once: it takes some tenths of a second.
    let recognizer = try Recognizer()
    for path in CommandLine.arguments.dropFirst() {
        let transcript = try await recognizer.transcribe(file: path)
        print(transcript.text)
        for word in transcript.words { print("  \(word.start) \(word.end) \(word.text) \(word.confidence)") }
        for warning in transcript.warnings { print("  noticed: \(warning)") }
    }
}
