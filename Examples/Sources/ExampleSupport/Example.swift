import Foundation

/// Runs an example; an error becomes one line on standard error and exit code 1.
public func example(_ body: () async throws -> Void) async {
    do {
        try await body()
    } catch {
        FileHandle.standardError.write(Data("error: \(error)\n".utf8))
        exit(1)
    }
}
