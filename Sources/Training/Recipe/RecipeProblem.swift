import Yams

/// Why a value cannot be taken: what is wrong, and what may be given.
struct RecipeProblem: Error {
    let problem: String
    let mend: String

    init(_ problem: String, mend: String) { (self.problem, self.mend) = (problem, mend) }
}
