import COpenBLAS
import VectorKernels

/// In what precision the factors of a matrix product are multiplied. The sums are float32 all the same.
public enum ProductPrecision: String, Sendable, CaseIterable {
    /// As they are, float32.
    case single
    /// Rounded to bfloat16, 8 bits of significand, where the processor multiplies those faster; elsewhere as ``single``.
    case bfloat16

    /// Whether the processor has instructions for ``bfloat16``, and is not to be taken for a lesser one (`UTTER_KERNELS`).
    public static let hasBFloat16 =
        utter_has_bfloat16_products() != 0 && VectorKernels.best.name == VectorKernels.available[0].name
}

/// Matrix products by OpenBLAS, those in bfloat16 by a kernel of ours, as OpenBLAS has none for most processors. It runs single-threaded: the threads are ours, outside it, over independent work.
enum BLAS {
    private static let isReady: Void = {
        OpenBLASKernels.fitProcessor()
        openblas_set_num_threads(1)
    }()
    private static let hasTiles = utter_has_bfloat16_tiles() != 0
    /// Products with fewer multiplications than this are not worth the copies.
    private static let leastForBFloat16 = 1 << 16

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
        into c: UnsafeMutablePointer<Float>, strideC: Int, precision: ProductPrecision = .single
    ) {
        _ = isReady
        guard m > 0, n > 0 else { return }
        if precision == .bfloat16, ProductPrecision.hasBFloat16, alpha == 1, beta == 0 || beta == 1,
            m * n * k >= leastForBFloat16
        {
            var product = utter_bfloat16_product(
                m: Int32(m), n: Int32(n), k: Int32(k), a: a.start, a_stride: a.stride,
                a_is_transposed: a.transposition == CblasTrans ? 1 : 0, b: b.start, b_stride: b.stride,
                b_is_transposed: b.transposition == CblasTrans ? 1 : 0, c: c, c_stride: strideC, adds: beta == 1 ? 1 : 0
            )
            let isDone = hasTiles ? utter_multiply_bfloat16_tiles(&product) : utter_multiply_bfloat16(&product)
            if isDone != 0 { return }
        }
        cblas_sgemm(
            CblasRowMajor, a.transposition, b.transposition, blasint(m), blasint(n), blasint(k), alpha,
            a.start, blasint(max(a.stride, 1)), b.start, blasint(max(b.stride, 1)), beta, c, blasint(strideC))
    }

    /// C = A B^T: A is [m, k], B is [n, k] (a weight matrix in PyTorch's layout), C is [m, n], all row-major.
    /// `strideC` is the distance between rows of C, n where it is nil.
    static func multiplyTransposed(
        m: Int, n: Int, k: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
        into c: UnsafeMutablePointer<Float>, strideC: Int? = nil, precision: ProductPrecision = .single
    ) {
        multiply(
            m: m, n: n, k: k, .plain(a, stride: k), .transposed(b, stride: k), into: c, strideC: strideC ?? n,
            precision: precision)
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
