import ArgumentParser
import UtterTraining

/// `utter lexicon`: words and their pronunciations.
struct LexiconCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lexicon",
        abstract: "Compile, check and evaluate lexicons: words and how they are said.",
        discussion: """
            Example:
              utter lexicon compile audio/household.lexicon.txt --output household.lexicon
              utter pronounce --lexicon household.lexicon lamp lamps

            A lexicon has a word and its phones in each line, in the form of CMUdict (further pronunciations as word(2), \
            comments after ;;; or #) or of Kaldi (lexicon.txt, lexiconp.txt).
            """,
        subcommands: [LexiconCompileCommand.self, LexiconCheckCommand.self, LexiconEvaluateCommand.self])
}
