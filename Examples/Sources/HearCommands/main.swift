// Commands, and nothing else, can be recognised; what is none of them gives an empty text.
// Usage: HearCommands RECORDING...
import ExampleSupport
import Utter

await example {
    var configuration = Recognizer.Configuration()
    // Phrases, one a line; or a grammar in JSGF, as in audio/commands.jsgf.
    configuration.grammar = """
        turn on the lamp
        turn off the lamp
        play the next song
        """
    let recognizer = try Recognizer(configuration)
    for path in CommandLine.arguments.dropFirst() {
        print("command: \(try await recognizer.transcribe(file: path).text)")
    }
}
