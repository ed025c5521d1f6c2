import Networks
import Testing

@Suite struct WeightAverageTests {
    @Test("an exponential average moves by 1 - decay towards the weights")
    func exponential() {
        var average = ExponentialAverage(of: [[0, 8]], decay: 0.75, warmsUp: false)
        average.update([[4, 0]])
        #expect(average.tensors == [[1, 6]])
        average.update([[5, 6]])
        #expect(average.tensors == [[2, 6]])
    }

    @Test("an average that warms up forgets its beginning sooner, and later equals its decay")
    func warmsUp() {
        var average = ExponentialAverage(of: [[0]], decay: 0.5)
        average.update([[11]])  // 2 of 11 stay
        #expect(abs(average.tensors[0][0] - 9) < 1e-5)
        for _ in 0..<100 { average.update([[0]]) }
        average.update([[2]])
        #expect(abs(average.tensors[0][0] - 1) < 1e-6)
    }

    @Test("an average of weights that do not change is those weights")
    func unchanged() {
        var average = ExponentialAverage(of: [[0.1, 0.7]])
        for _ in 0..<50 { average.update([[0.1, 0.7]]) }
        #expect(average.tensors == [[0.1, 0.7]])
    }

    @Test("a restored exponential average continues bit for bit, and refuses other tensors")
    func restores() throws {
        var average = ExponentialAverage(of: [[1, 2], [3]])
        average.update([[0.3, 0.2], [0.1]])
        var resumed = ExponentialAverage(of: [[0, 0], [0]])
        try resumed.restore(average.state)
        average.update([[7, 8], [9]])
        resumed.update([[7, 8], [9]])
        #expect(resumed == average)
        var other = ExponentialAverage(of: [[0]])
        #expect(throws: TrainingStateError.wrongSize("average.0", expected: 1, found: 2)) {
            try other.restore(average.state)
        }
        #expect(other == ExponentialAverage(of: [[0]]))
    }

    @Test("the mean of checkpoints is of the last ones only")
    func checkpoints() {
        var average = CheckpointAverage(capacity: 2)
        #expect(average.mean == nil)
        average.append([[100]])
        #expect(average.mean == [[100]])
        average.append([[1]])
        average.append([[2]])
        #expect(average.mean == [[1.5]])
        #expect(average.checkpoints == [[[1]], [[2]]])
    }

    @Test("restored checkpoints are the same, and others are refused")
    func restoresCheckpoints() throws {
        var average = CheckpointAverage(capacity: 3)
        average.append([[1, 2], [3]])
        average.append([[4, 5], [6]])
        var resumed = CheckpointAverage(capacity: 3)
        try resumed.restore(average.state, for: [[0, 0], [0]])
        #expect(resumed == average)
        #expect(throws: TrainingStateError.missing("checkpoint.0.2")) {
            try resumed.restore(average.state, for: [[0, 0], [0], [0]])
        }
        #expect(resumed == average)
    }
}
