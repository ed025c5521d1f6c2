import Testing

import Transcription

@Suite struct BestPathPauseTests {
    @Test("the best path has a space where a pause parts two letters")
    func spaces() {
        func labels(_ path: [Int]) -> [Int] { WordCollector.labels(of: path, blank: 0, space: 1, pause: 3) }
        #expect(labels([2, 2, 0, 0, 3]) == [2, 3])
        #expect(labels([2, 0, 0, 0, 3, 3, 0, 3]) == [2, 1, 3, 3])
        #expect(labels([2, 1, 0, 0, 0, 3]) == [2, 1, 3])
        #expect(labels([2, 0, 0, 0, 1, 3]) == [2, 1, 3])
        #expect(labels([0, 0, 0, 2, 0, 0, 0, 0]) == [2])
    }
}
