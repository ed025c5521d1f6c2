import Messages

/// Something that a command itself finds wrong, in one line.
struct CommandError: UtterError {
    let fault: Fault

    init(_ sentence: String) { fault = Fault(.badSetting, sentence: sentence) }
}
