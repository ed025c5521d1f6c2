@_exported import CVectorKernels
import Foundation

/// The loops written in C, for one instruction set of this processor.
///
/// One binary holds them for every set that it may meet; the best is chosen when the program runs. The environment
/// variable `UTTER_KERNELS` (`avx512`, `avx2` or `baseline`) chooses another, to see what a lesser processor would do.
public struct VectorKernels: @unchecked Sendable {
    /// The functions; the table is constant and lives as long as the program.
    public let table: UnsafePointer<utter_kernels>

    /// The name of the instruction set.
    public var name: String { String(cString: table.pointee.name) }

    /// Floats in a vector.
    public var lanes: Int { Int(table.pointee.lanes) }

    /// Whether weights that float16 represents exactly are best stored so.
    public var convertsHalf: Bool { table.pointee.converts_half != 0 }

    /// Every set that this processor can run, the best first; never empty.
    public static let available: [VectorKernels] = {
        var count: Int32 = 0
        let tables = utter_kernels_available(&count)
        return (0..<Int(count)).compactMap { index in
            (tables?[index]).map(VectorKernels.init(table:))
        }
    }()

    private static let wanted = ProcessInfo.processInfo.environment["UTTER_KERNELS"]

    /// The set that is used unless another is asked for.
    public static let best: VectorKernels = available.first { $0.name == wanted } ?? available[0]

    /// What `UTTER_KERNELS` asks for, where it is no set that this processor has.
    public static var refusedName: String? { available.contains { $0.name == wanted } ? nil : wanted }
}
