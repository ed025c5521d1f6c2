import CTC
import Foundation
import TestSupport
import Testing

@Suite struct NGramPathTests {
    @Test("the path found is the best of all, weighed by the n-gram", arguments: [2, 3, 4])
    func enumeration(order: Int) throws {
        var generator = SeededGenerator(seed: 80 + UInt64(order))
        for (frames, classes, blank) in [(6, 3, 0), (5, 4, 3), (7, 3, 1), (1, 4, 0)] {
            let ngram = try LabelNGram.random(
                order: order, classes: classes, blank: blank, maximumArcs: (classes + 2) * classes * classes,
                using: &generator)
            let item = RandomUtterance(frames: frames, classes: classes, labels: 0, blank: blank, using: &generator)
            var (best, score) = ([Int](), -Double.infinity)
            for number in 0..<Int(pow(Double(classes), Double(frames))) {
                var (path, rest) = ([Int](), number)
                for _ in 0..<frames {
                    path.append(rest % classes)
                    rest /= classes
                }
                let found = zip(item.rows, path).reduce(
                    ngram.logProbability(of: Collapse.labels(of: path, blank: blank))
                ) { $0 + $1.0[$1.1] }
                if found > score { (best, score) = (path, found) }
            }
            let found = BestPath(item.logits, ngram: ngram, beam: .infinity, most: .max)
            #expect(abs(found.logProbability - score) < 1e-4)
            #expect(found.labels(blank: blank) == Collapse.labels(of: best, blank: blank))
            // The usual beam loses nothing here.
            #expect(BestPath(item.logits, ngram: ngram).classes == found.classes)
        }
    }

    @Test("without an n-gram it is the best class of each step; classes beside the n-gram's are left alone")
    func besides() throws {
        var generator = SeededGenerator(seed: 90)
        let logits = RandomUtterance(frames: 12, classes: 5, labels: 0, using: &generator).logits
        #expect(BestPath(logits, ngram: nil) == BestPath(logits))
        let ngram = try LabelNGram.random(order: 3, classes: 3, using: &generator)
        let narrow = LogProbabilities(classes: 3, values: (0..<12).flatMap { logits[$0].prefix(3) })
        #expect(BestPath(logits, ngram: ngram) == BestPath(narrow, ngram: ngram))
        #expect(BestPath(LogProbabilities(classes: 3), ngram: ngram).classes.isEmpty)
    }

    @Test("few states, and steps without any number, still give a path of all steps")
    func narrow() throws {
        var generator = SeededGenerator(seed: 91)
        let ngram = try LabelNGram.random(order: 3, classes: 6, using: &generator)
        var values = RandomUtterance(frames: 40, classes: 6, labels: 0, using: &generator).logits.values
        #expect(
            BestPath(LogProbabilities(classes: 6, values: values), ngram: ngram, beam: 1, most: 2).classes.count == 40)
        for index in 60..<72 { values[index] = .nan }
        let path = BestPath(LogProbabilities(classes: 6, values: values), ngram: ngram)
        #expect(path.classes.count == 40 && path.classes.allSatisfy((0..<6).contains))
    }

    @Test("what the n-gram rules out is not found, however loud it is")
    func ruledOut() throws {
        let none = -Float.infinity
        // 1 only first, then nothing but 2.
        let ngram = try LabelNGram(bigram: [none, 0, none, none, none, 0, 0, none, none], classes: 3)
        let row: [Float] = [-4, -3, -0.1]
        let path = BestPath(LogProbabilities(classes: 3, values: row + row + row), ngram: ngram)
        #expect(path.labels() == [1, 2])
    }
}
