import ArgumentParser
import UtterTraining

/// How a pronunciation model is trained.
struct GraphoneArguments: ParsableArguments {
    @Option(help: "The length of the pronunciation model's longest n-grams, 1 to \(NGramModel.highestOrder).")
    var order = GraphoneOptions().order

    @Option(help: "Take out n-grams without which its perplexity rises by less than this share.")
    var threshold = GraphoneOptions().threshold

    var options: GraphoneOptions {
        var options = GraphoneOptions()
        (options.order, options.threshold) = (order, threshold)
        return options
    }

    func validate() throws {
        do { try options.validate() } catch { throw ValidationError("\(error).") }
    }
}
