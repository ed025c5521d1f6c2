import ArgumentParser
import Foundation
import Logging
import Messages
import UtterTraining

/// `utter lexicon compile`: a lexicon that opens at once.
struct LexiconCompileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compile",
        abstract: "Compile lexicons into a small file that opens at once, with a model that guesses other words.",
        discussion: """
            Examples:
              utter lexicon compile audio/household.lexicon.txt --output household.lexicon
              utter lexicon compile audio/household.lexicon.txt \\
                --words audio/household.txt --output household.lexicon

            Of several lexicons, a word of a later one takes the place of the same word in an earlier one. With --words, \
            words that the lexicons lack are stored with guessed pronunciations; words for which none can be guessed are \
            named.
            """)

    @OptionGroup var text: LexiconTextArguments

    @Option(name: .shortAndLong, help: "The file to write, .lexicon.", completion: .file())
    var output: String

    @Option(
        help: "Words to guess that the lexicons lack: the first field of each line, or a language model (.lm, .arpa).")
    var words: [String] = []

    @Option(help: "Store at most so many guessed pronunciations of a word.")
    var guesses = LexiconCompilerOptions().guesses

    @Flag(help: "Add British pronunciations by rule, less probable than those they are made from (ARPAbet only).")
    var british = false

    @Flag(inversion: .prefixedNo, help: "Store a model that guesses how other words are said.")
    var model = true

    @OptionGroup var graphones: GraphoneArguments
    @OptionGroup var options: RunOptions

    func validate() throws {
        guard !StandardStream.isNamed(by: output), !output.isEmpty else {
            throw ValidationError("--output \(OneLine.escaped(output)): a compiled lexicon is a file; give its name.")
        }
        guard (1...127).contains(guesses) else { throw ValidationError("--guesses \(guesses): give 1 to 127.") }
        guard model || words.isEmpty else {
            throw ValidationError("--words and --no-model: words are guessed by the model; give one of them.")
        }
        guard !british || text.phones == nil else {
            throw ValidationError("--british and --phones: the rules are for CMUdict's phones; give one of them.")
        }
    }

    func run() throws {
        try ResultWriter.refuse(output, toReplace: text.lexicons + words, option: "--output")
        let alphabet = try text.alphabet()
        let (entries, replaced) = LexiconCompiler.merged(try text.read(alphabet).map(\.entries))
        let wanted = try words.flatMap { try WordList.read($0) }
        var settings = LexiconCompilerOptions()
        settings.addsBritish = british
        settings.model = model ? graphones.options : nil
        (settings.guesses, settings.threads) = (guesses, options.threadCount)
        var report = LexiconCompilerReport()
        let lexicon = try LexiconCompiler.compile(
            entries, alphabet: alphabet, words: wanted, options: settings, report: &report)
        try lexicon.write(to: output)
        let log = options.log
        let note = replaced > 0 ? ", \(replaced) replaced by later ones" : ""
        log.notice("\(report.words) words of the lexicon\(note), \(report.guessed) guessed")
        log.notice("\(lexicon.pronunciationCount) pronunciations, \(lexicon.size) bytes")
        if let model = report.model {
            log.notice("pronunciation model: \(model.learned) pronunciations learned, \(model.leftOut) left out")
        }
        for word in report.unspeakable.prefix(10) {
            log.warning("\(OneLine.quoted(word)): no pronunciation can be guessed; the word is left out")
        }
        if report.unspeakable.count > 10 {
            log.warning("\(report.unspeakable.count - 10) more words are left out like these")
        }
    }
}
