import Foundation
import Networks
import Testing

@Suite struct ScheduleTests {
    private func rates(_ schedule: LearningRateSchedule, _ count: Int) -> [Double] {
        var schedule = schedule
        return (0..<count).map { _ in
            defer { schedule.advance() }
            return schedule.rate
        }
    }

    /// Which of the reported values cut the rate.
    private func cuts(_ schedule: inout LearningRateSchedule, _ values: [Double]) -> [Bool] {
        values.map { schedule.report($0) }
    }

    private func agree(_ ours: [Double], _ theirs: [Double]) -> Bool {
        ours.count == theirs.count && zip(ours, theirs).allSatisfy { abs($0 - $1) < 1e-12 }
    }

    @Test("a constant rate rises to its peak and stays there")
    func constant() {
        #expect(agree(rates(LearningRateSchedule(peak: 2), 3), [2, 2, 2]))
        #expect(agree(rates(LearningRateSchedule(peak: 2, warmUp: 4), 6), [0.5, 1, 1.5, 2, 2, 2]))
    }

    @Test("a linear decay begins at the peak after the rise, reaches its minimum at its step, and stays there")
    func linear() {
        let schedule = LearningRateSchedule(peak: 1, warmUp: 2, shape: .linear(steps: 6, minimum: 0.2))
        #expect(agree(rates(schedule, 9), [0.5, 1, 1, 0.8, 0.6, 0.4, 0.2, 0.2, 0.2]))
    }

    @Test("a cosine is half way down at half its way")
    func cosine() {
        let schedule = LearningRateSchedule(peak: 3, warmUp: 1, shape: .cosine(steps: 5, minimum: 1))
        let (high, low) = (2 + 0.5.squareRoot(), 2 - 0.5.squareRoot())
        #expect(agree(rates(schedule, 8), [3, 3, high, 2, low, 1, 1, 1]))
    }

    @Test("a decay shorter than its rise goes from the peak to the minimum at once")
    func shorterThanRise() {
        let schedule = LearningRateSchedule(peak: 1, warmUp: 2, shape: .linear(steps: 1, minimum: 0.1))
        #expect(agree(rates(schedule, 4), [0.5, 1, 0.1, 0.1]))
    }

    @Test("a plateau longer than the patience cuts the rate, never below the minimum")
    func plateau() {
        var schedule = LearningRateSchedule(peak: 1, shape: .plateau(patience: 1, factor: 0.5, minimum: 0.3))
        // The first report is the best; then an improvement, and two reports without one.
        #expect(cuts(&schedule, [10, 9, 9, 9.5]) == [false, false, false, true])
        #expect(schedule.rate == 0.5)
        #expect(cuts(&schedule, [9, 8, 8, 8]) == [false, false, false, true])
        #expect(schedule.rate == 0.3)
        #expect(cuts(&schedule, [8, 8]) == [false, false], "there is nothing left to cut")
        #expect(schedule.rate == 0.3)
    }

    @Test("a value that is no number is no improvement")
    func notANumber() {
        var schedule = LearningRateSchedule(peak: 1, shape: .plateau(patience: 0, factor: 0.1, minimum: 0))
        #expect(cuts(&schedule, [.nan, 1]) == [true, false])
        #expect(schedule.best == 1)
    }

    @Test("an improvement smaller than the threshold does not count")
    func threshold() {
        var schedule = LearningRateSchedule(
            peak: 1, shape: .plateau(patience: 0, factor: 0.1, minimum: 0, threshold: 0.1))
        #expect(cuts(&schedule, [10, 9.5, 8.9]) == [false, true, false])
    }

    @Test("other shapes do not listen to reports")
    func deaf() {
        var schedule = LearningRateSchedule(peak: 1)
        #expect(cuts(&schedule, [5, 5, 5, 5]) == [false, false, false, false])
        #expect(schedule.rate == 1)
    }

    @Test(
        "a decoded schedule continues as the encoded one",
        arguments: [
            LearningRateSchedule(peak: 0.1), LearningRateSchedule(peak: 0.1, warmUp: 7),
            LearningRateSchedule(peak: 0.1, warmUp: 2, shape: .cosine(steps: 9, minimum: 1e-3)),
            LearningRateSchedule(peak: 0.1, warmUp: 2, shape: .linear(steps: 9, minimum: 1e-3)),
            LearningRateSchedule(peak: 0.1, warmUp: 2, shape: .plateau(patience: 1, factor: 0.3, minimum: 1e-3)),
        ])
    func resumes(schedule: LearningRateSchedule) throws {
        var schedule = schedule
        for _ in 0..<5 {
            schedule.advance()
            schedule.report(1)
        }
        var resumed = try JSONDecoder().decode(LearningRateSchedule.self, from: JSONEncoder().encode(schedule))
        #expect(resumed == schedule)
        for _ in 0..<5 {
            schedule.advance()
            schedule.report(1)
            resumed.advance()
            resumed.report(1)
            #expect(resumed.rate == schedule.rate)
        }
    }
}
