import COpenBLAS

/// Matrix products by OpenBLAS. It runs single-threaded: the threads are ours, outside it, over independent work.
enum BLAS {
    private static let isSingleThreaded: Void = openblas_set_num_threads(1)

    /// C = A B^T: A is [m, k], B is [n, k] (a weight matrix in PyTorch's layout), C is [m, n], all row-major.
    /// `strideC` is the distance between rows of C, n where it is nil.
    static func multiplyTransposed(
        m: Int, n: Int, k: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>,
        strideC: Int? = nil
    ) {
        _ = isSingleThreaded
        guard m > 0, n > 0 else { return }
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, blasint(m), blasint(n), blasint(k), 1, a, blasint(max(k, 1)), b,
            blasint(max(k, 1)), 0, c, blasint(strideC ?? n))
    }
}
