import Foundation

/// Interpolated modified Kneser-Ney written straight from the formulas, with dictionaries, for small texts.
struct PlainKneserNey {
    let order: Int
    let vocabulary: [String]
    private var raw: [[String]: Int] = [:]
    private var adjusted: [[String]: Int] = [:]
    private var discounts: [[Double]] = []
    private let pruning: [Int]

    init(_ sentences: [[String]], order: Int, pruning: [Int] = []) {
        self.order = order
        self.pruning = pruning
        var vocabulary: Set<String> = ["<unk>", "</s>"]
        var lefts: [[String]: Set<String>] = [:]
        for sentence in sentences {
            vocabulary.formUnion(sentence)
            let tokens = ["<s>"] + sentence + ["</s>"]
            for end in 1..<tokens.count {
                for length in 1...min(order, end + 1) {
                    let gram = Array(tokens[(end - length + 1)...end])
                    raw[gram, default: 0] += 1
                    if length > 1 { lefts[Array(gram.dropFirst()), default: []].insert(gram[0]) }
                }
            }
        }
        self.vocabulary = vocabulary.sorted()
        for (gram, count) in raw {
            adjusted[gram] = gram.count == order || gram[0] == "<s>" ? count : lefts[gram]?.count ?? 0
        }
        for length in 1...order {
            let n = (0...4).map { k in Double(adjusted.filter { $0.key.count == length && $0.value == k }.count) }
            let y = n[1] / (n[1] + 2 * n[2])
            let d = (1...3).map { Double($0) - Double($0 + 1) * y * n[$0 + 1] / n[$0] }
            let isPossible = d.enumerated().allSatisfy { $1.isFinite && $1 >= 0 && $1 <= Double($0 + 1) }
            discounts.append(isPossible ? d : [0.5, 1, 1.5])
        }
    }

    private func discount(_ count: Int, _ length: Int) -> Double {
        count == 0 ? 0 : discounts[length - 1][min(count, 3) - 1]
    }

    private func isKept(_ gram: [String]) -> Bool {
        let threshold = gram.count <= pruning.count ? pruning[gram.count - 1] : pruning.last ?? 0
        return raw[gram, default: 0] > threshold || gram.count == 1
    }

    /// p(word | context), the context of at most order - 1 words.
    func probability(_ word: String, after context: [String]) -> Double {
        let length = context.count + 1
        let lower =
            context.isEmpty ? 1 / Double(vocabulary.count) : probability(word, after: Array(context.dropFirst()))
        let followers = vocabulary.map { context + [$0] }.filter { adjusted[$0, default: 0] > 0 }
        let sum = followers.reduce(0.0) { $0 + Double(adjusted[$1, default: 0]) }
        // A context of which the model keeps nothing has no weight: one backs off for free.
        guard sum > 0, followers.contains(where: isKept) else { return lower }
        let taken = followers.reduce(0.0) {
            $0 + (isKept($1) ? discount(adjusted[$1, default: 0], length) : Double(adjusted[$1, default: 0]))
        }
        let gram = context + [word]
        let count = isKept(gram) ? adjusted[gram, default: 0] : 0
        return (Double(count) - discount(count, length)) / sum + taken / sum * lower
    }
}
