// One recogniser serves any number of tasks at once: each recording eight times, together.
// Usage: EightTasks RECORDING
import ExampleSupport
import Utter

await example {
    let recognizer = try Recognizer()
    let path = CommandLine.arguments.dropFirst().first ?? "-"
    let texts = try await withThrowingTaskGroup(of: String.self) { group in
        for _ in 0..<8 { group.addTask { try await recognizer.transcribe(file: path).text } }
        var texts: [String] = []
        for try await text in group { texts.append(text) }
        return texts
    }
    for text in texts { print(text) }
}
