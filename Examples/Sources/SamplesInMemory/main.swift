// Transcribes samples that are in memory, at a rate of their own: here those of a recording at 44.1 kHz.
// Usage: SamplesInMemory RECORDING
import ExampleSupport
import Utter

await example {
    let rate = 44_100
    let reader = try AudioReader(path: CommandLine.arguments.dropFirst().first ?? "-", sampleRate: rate)
    var samples: [Float] = []
    while let block = try reader.read(upTo: rate) { samples += block }

    let transcript = try await Recognizer().transcribe(samples, sampleRate: rate)
    print("\(samples.count) samples: \(transcript.text)")
}
