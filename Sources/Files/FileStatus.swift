import Foundation

extension stat {
    package var isFolder: Bool { st_mode & S_IFMT == S_IFDIR }
    package var isFile: Bool { st_mode & S_IFMT == S_IFREG }

    /// Bytes; at most 1 TiB, because a file with holes may claim more than any disk holds, and sizes are summed up.
    package var boundedSize: Int64 { min(Int64(st_size), 1 << 40) }

    /// When the content last changed, in nanoseconds since 1970.
    package var modified: Int64 {
        #if os(macOS)
            let time = st_mtimespec
        #else
            let time = st_mtim
        #endif
        let (nanoseconds, overflows) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        return overflows ? Int64(time.tv_sec) : nanoseconds &+ Int64(time.tv_nsec)
    }

    /// Which file it is, whatever its name.
    package var identity: FileIdentity {
        FileIdentity(device: UInt64(truncatingIfNeeded: st_dev), number: UInt64(st_ino))
    }
}

/// Which file something is, whatever its name.
package struct FileIdentity: Hashable {
    package let device: UInt64
    package let number: UInt64
}
