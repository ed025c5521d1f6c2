import COpenBLAS

/// Matrix products by OpenBLAS. It runs single-threaded: the threads are ours, outside it, over independent work.
enum BLAS {
    private static let isSingleThreaded: Void = openblas_set_num_threads(1)

    /// A factor of a product as it lies in memory: row-major, `stride` elements from one row to the next.
    struct Operand {
        let start: UnsafePointer<Float>
        let stride: Int
        let transposition: CBLAS_TRANSPOSE

        /// The matrix as it lies there.
        static func plain(_ start: UnsafePointer<Float>, stride: Int) -> Operand {
            Operand(start: start, stride: stride, transposition: CblasNoTrans)
        }

        /// Its transpose; `stride` is still that of the rows in memory.
        static func transposed(_ start: UnsafePointer<Float>, stride: Int) -> Operand {
            Operand(start: start, stride: stride, transposition: CblasTrans)
        }
    }

    /// C = alpha A B + beta C: A is [m, k] and B is [k, n] once transposed where they say so, C is [m, n], row-major.
    /// With beta 0, C may be uninitialised.
    static func multiply(
        m: Int, n: Int, k: Int, alpha: Float = 1, _ a: Operand, _ b: Operand, beta: Float = 0,
        into c: UnsafeMutablePointer<Float>, strideC: Int
    ) {
        _ = isSingleThreaded
        guard m > 0, n > 0 else { return }
        cblas_sgemm(
            CblasRowMajor, a.transposition, b.transposition, blasint(m), blasint(n), blasint(k), alpha,
            a.start, blasint(max(a.stride, 1)), b.start, blasint(max(b.stride, 1)), beta, c, blasint(strideC))
    }

    /// C = A B^T: A is [m, k], B is [n, k] (a weight matrix in PyTorch's layout), C is [m, n], all row-major.
    /// `strideC` is the distance between rows of C, n where it is nil.
    static func multiplyTransposed(
        m: Int, n: Int, k: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
        into c: UnsafeMutablePointer<Float>, strideC: Int? = nil
    ) {
        multiply(m: m, n: n, k: k, .plain(a, stride: k), .transposed(b, stride: k), into: c, strideC: strideC ?? n)
    }
}

/// Opens two matrices for reading; nil, and `body` not called, where one of them has no memory.
func withPointers<R>(
    _ a: Matrix, _ b: Matrix, _ body: (UnsafePointer<Float>, UnsafePointer<Float>) -> R
) -> R? {
    a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
            guard let a = a.baseAddress, let b = b.baseAddress else { return nil }
            return body(a, b)
        }
    }
}

/// Opens a matrix for reading, if there is one.
func withPointer<R>(_ matrix: Matrix?, _ body: (UnsafePointer<Float>?) -> R) -> R {
    guard let matrix else { return body(nil) }
    return matrix.withUnsafeBufferPointer { body($0.baseAddress) }
}
