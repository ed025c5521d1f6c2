import ArgumentParser
import UtterTraining

/// A place in a recording, as people write it: 90, 90.5, 1:30 or 1:02:03.5.
struct RecordingTime: ExpressibleByArgument {
    let seconds: Double

    init?(argument: String) {
        let fields = argument.split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count <= 3 else { return nil }
        var sum = 0.0
        for (index, field) in fields.enumerated() {
            // Only the last field has a fraction, and only the first may be 60 or more.
            let isLast = index == fields.count - 1
            guard !field.isEmpty, field.allSatisfy({ $0.isASCII && ($0.isNumber || ($0 == "." && isLast)) }),
                let number = Double(field), index == 0 || number < 60
            else { return nil }
            sum = sum * 60 + number
        }
        guard sum <= 1e7 else { return nil }
        seconds = sum
    }
}
