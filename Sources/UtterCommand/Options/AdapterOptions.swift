import ArgumentParser
import Messages
import UtterTraining

/// Which adapters to use on the model.
struct AdapterOptions: ParsableArguments {
    @Option(help: "An adapter of the model, from utter adapt --adapter; several run in one pass.", completion: .file())
    var adapter: [String] = []
}
