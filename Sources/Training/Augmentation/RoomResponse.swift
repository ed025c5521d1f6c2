import Foundation
import Networks

/// The impulse response of a rectangular room from a mouth to a microphone, without the delay of the direct path, which
/// is 1 at sample 0: what is convolved with it does not move in time.
///
/// For 50 ms after the direct path by the image-source method (Allen and Berkley 1979): each mirror image of the source
/// at distance r after k reflections gives b^k d / r at (r - d) / c, d being the distance of the source and b the
/// reflection coefficient. From there on noise with the decay and the power that the images have on average (Polack
/// 1988): they are 4 pi c^3 t^2 / V a second, so that t after it was spoken the power per sample, of rate f, is
/// 4 pi c d^2 / (V f) 10^(-6 t / RT60). The coefficient is Eyring's for all walls: ln b^2 = -24 ln 10 V / (c S RT60).
struct RoomResponse {
    /// Speed of sound, metres a second.
    static let soundSpeed = 343.0
    /// After the direct path, where the images give way to noise.
    static let earlySeconds = 0.05
    /// Reflections below this, hertz, are cut off: see `addImages`.
    static let lowestReflection = 100.0

    /// Metres: length, width, height.
    let sides: [Double]
    /// Where the source and the microphone are, metres from a corner.
    let source: [Double]
    let microphone: [Double]
    /// RT60, seconds.
    let reverberationTime: Double

    var distance: Double {
        zip(source, microphone).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    }

    init(sides: [Double], source: [Double], microphone: [Double], reverberationTime: Double) {
        precondition(sides.count == 3 && source.count == 3 && microphone.count == 3)
        (self.sides, self.source, self.microphone) = (sides, source, microphone)
        self.reverberationTime = reverberationTime
    }

    /// A room between a closet and a lecture room; the microphone anywhere half a metre off the walls, the mouth
    /// somewhere around it, no more than 20 degrees above or below.
    init(_ options: RoomSimulation, numbers: inout SplitMix64) {
        let sides = [3.0...10, 3.0...7, 2.4...3.6].map { numbers.uniform(in: $0) }
        let microphone = sides.map { numbers.uniform(in: 0.5...$0 - 0.5) }
        let distance = numbers.uniform(in: options.distance)
        let azimuth = numbers.uniform(in: 0...2 * .pi)
        let elevation = numbers.uniform(in: -.pi / 9 ... .pi / 9)
        let direction = [cos(azimuth) * cos(elevation), sin(azimuth) * cos(elevation), sin(elevation)]
        let source = (0..<3).map { axis in
            min(max(microphone[axis] + distance * direction[axis], 0.3), sides[axis] - 0.3)
        }
        self.init(
            sides: sides, source: source, microphone: microphone,
            reverberationTime: numbers.uniform(in: options.reverberationTime))
    }

    /// The response, until it has died away by 60 dB.
    func samples(sampleRate: Int, numbers: inout SplitMix64) -> [Float] {
        let (rate, distance) = (Double(sampleRate), distance)
        let early = Int(Self.earlySeconds * rate)
        var response = [Float](repeating: 0, count: max(early, Int(reverberationTime * rate)) + 1)
        addImages(to: &response, before: early, rate: rate)

        let volume = sides.reduce(1, *)
        let start = distance / Self.soundSpeed + Double(early) / rate
        let power = 4 * .pi * Self.soundSpeed * distance * distance / (volume * rate)
        // Noise between -1 and 1 with a variance of 1/3: spread by the convolution, it sounds as Gaussian noise does.
        var amplitude = (3 * power * pow(10, -6 * start / reverberationTime)).squareRoot()
        let decay = pow(10, -3 / (reverberationTime * rate))
        for index in early..<response.count {
            response[index] = Float(amplitude * (2 * numbers.unit() - 1))
            amplitude *= decay
        }
        return response
    }

    private func addImages(to response: inout [Float], before end: Int, rate: Double) {
        let distance = distance
        let surface = 2 * (sides[0] * sides[1] + sides[1] * sides[2] + sides[2] * sides[0])
        let volume = sides.reduce(1, *)
        let reflection = exp(-12 * log(10) * volume / (Self.soundSpeed * surface * reverberationTime))
        let reach = distance + Self.earlySeconds * Self.soundSpeed
        // For each axis how far the images are from the microphone, squared, and the reflections on the way.
        let axes = (0..<3).map { axis -> [(square: Double, reflections: Int)] in
            let most = Int(reach / (2 * sides[axis])) + 1
            return (-most...most).flatMap { room in
                [1, -1].map { side in
                    let offset = Double(side) * source[axis] + 2 * Double(room) * sides[axis] - microphone[axis]
                    return (offset * offset, side == 1 ? 2 * abs(room) : abs(room) + abs(room - 1))
                }
            }.filter { $0.square <= reach * reach }
        }
        let coefficients = (0...axes.reduce(0) { $0 + ($1.map(\.reflections).max() ?? 0) }).map {
            pow(reflection, Double($0))
        }
        for x in axes[0] {
            for y in axes[1] {
                for z in axes[2] {
                    let length = (x.square + y.square + z.square).squareRoot()
                    let index = Int(((length - distance) / Self.soundSpeed * rate).rounded())
                    guard (0..<end).contains(index) else { continue }
                    let coefficient = coefficients[x.reflections + y.reflections + z.reflections]
                    response[index] += Float(coefficient * distance / length)
                }
            }
        }
        // All images have one sign, so that where they are dense they pile up at low frequencies as no room does; Allen
        // and Berkley cut those off too. The direct path is left as it is.
        let feedback = Float(1 - 2 * .pi * Self.lowestReflection / rate)
        var (last, output) = (Float(0), Float(0))
        for index in 1..<max(1, end) {
            output = response[index] - last + feedback * output
            last = response[index]
            response[index] = output
        }
    }
}
