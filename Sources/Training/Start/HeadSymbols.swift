/// The symbols of each head, the blank among them; nil where they are not known yet.
struct HeadSymbols: Sendable, Equatable {
    var phones: [String]?
    var characters: [String]?
}
