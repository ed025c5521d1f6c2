// Hears sound as it comes, a tenth of a second at a time, and prints what is decided. The sequence of blocks would come from
// a microphone or a socket; here it comes from a recording.
// Usage: LiveEvents RECORDING
import ExampleSupport
import Utter

await example {
    let rate = 16_000
    let reader = try AudioReader(path: CommandLine.arguments.dropFirst().first ?? "-", sampleRate: rate)
    let (blocks, microphone) = AsyncStream<[Float]>.makeStream()
    while let block = try reader.read(upTo: rate / 10) { microphone.yield(block) }
    microphone.finish()

    for try await event in try Recognizer().events(in: blocks, sampleRate: rate) {
        switch event {
        case .progress: break
        case .segment(let segment): print("segment: \(segment.text)")
        case .finished(let transcript): print("finished: \(transcript.words.count) words in \(transcript.duration) s")
        }
    }
}
