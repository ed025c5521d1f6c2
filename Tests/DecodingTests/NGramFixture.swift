import Foundation
import LanguageModel
import TestSupport

/// Models estimated from the text that comes with the package.
enum NGramFixture {
    static func household(_ folder: TemporaryFolder, characters: Bool = false) throws -> NGramModel {
        var options = EstimationOptions()
        options.unit = characters ? .character : .word
        options.order = characters ? 5 : 3
        var report = EstimationReport()
        let text = Folders.package.appendingPathComponent("audio/household.txt").path
        return try NGramModel.estimate(from: [text], options: options, report: &report)
    }
}
