/// The description of the error that the body throws; nil where it throws none.
public func message(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch {
        return "\(error)"
    }
}
