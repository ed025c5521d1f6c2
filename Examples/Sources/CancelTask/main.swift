// Stops a transcription that is under way: ten minutes of sound, of which the first second is heard.
import ExampleSupport
import Utter

await example {
    let recognizer = try Recognizer()
    let silence = [Float](repeating: 0, count: 600 * 16_000)
    let (seconds, heard) = AsyncStream<Double>.makeStream()
    let work = Task {
        try await recognizer.transcribe(silence, sampleRate: 16_000) { heard.yield($0.seconds) }
    }
    for await _ in seconds { break }
    work.cancel()
    do {
        print("finished: \(try await work.value.duration) s")
    } catch is CancellationError {
        print("cancelled")
    }
}
