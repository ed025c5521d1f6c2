import COpenBLAS
import Foundation
import VectorKernels

/// Which of its kernels OpenBLAS takes.
///
/// It knows processors by their model numbers, and takes one that is newer than itself for a Prescott of 2004: the version of
/// Debian 12 does so on Intel's Emerald Rapids and loses the larger part of its speed. Where that is seen, it chooses again, by a
/// name that `OPENBLAS_CORETYPE` gives it; whoever has set that variable is left alone.
enum OpenBLASKernels {
    private typealias Function = @convention(c) () -> Void
    private static let variable = "OPENBLAS_CORETYPE"

    /// Before the first product, once.
    static func fitProcessor() {
        let kernels = VectorKernels.available[0].name
        guard ProcessInfo.processInfo.environment[variable] == nil,
            let name = openblas_get_corename(), String(cString: name).lowercased() == "prescott",
            let core = ["avx512": "SkylakeX", "avx2": "Haswell"][kernels],
            // Only builds that choose at run time have these.
            let program = dlopen(nil, RTLD_NOW), let forget = dlsym(program, "gotoblas_dynamic_quit"),
            let choose = dlsym(program, "gotoblas_dynamic_init")
        else { return }
        setenv(variable, core, 1)
        unsafeBitCast(forget, to: Function.self)()
        unsafeBitCast(choose, to: Function.self)()
        unsetenv(variable)
    }
}
