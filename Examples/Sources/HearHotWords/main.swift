// Words and phrases that are heard more readily: the same recording without them and with them.
// Usage: HearHotWords RECORDING PHRASE...     (a phrase may end in a colon and low, medium, high or nats)
import ExampleSupport
import Utter

await example {
    let path = CommandLine.arguments.dropFirst().first ?? "-"
    print("without: \(try await Recognizer().transcribe(file: path).text)")

    var configuration = Recognizer.Configuration()
    configuration.hotWords = .here(Array(CommandLine.arguments.dropFirst(2)))
    print("with: \(try await Recognizer(configuration).transcribe(file: path).text)")
}
