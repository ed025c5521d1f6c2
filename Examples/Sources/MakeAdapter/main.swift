// Makes an adapter of a list of words, without one recording, and recognises with it. With recordings:
// AdaptationOptions.train.
// Usage: MakeAdapter RECORDING...
import Foundation
import ExampleSupport
import UtterTraining

await example {
    let work = FileManager.default.temporaryDirectory.appendingPathComponent("utter-example-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: work) }
    let file = { (name: String) in work.appendingPathComponent(name).path }
    try "lights on\nlights off\nnext song\nstop\n".write(toFile: file("words.txt"), atomically: true, encoding: .utf8)

    let path = try DefaultModel.path(named: nil)
    let base = try AcousticModel(path: path)
    var options = AdaptationOptions()
    options.words = file("words.txt")
    options.lexicon = DefaultModel.lexicon(beside: path)
    let adaptation = try Adaptation(options, base: base, folder: TrainingFolder(path: file("work")), threads: 2)
    try Adapter(adaptation.run().model, of: base)?.write(to: file("commands.safetensors"), base: base)

    var configuration = Recognizer.Configuration()
    configuration.adapters = [file("commands.safetensors")]
    let recognizer = try Recognizer(configuration)
    for recording in CommandLine.arguments.dropFirst() {
        print("label: \(try await recognizer.transcribe(file: recording).text)")
    }
}
