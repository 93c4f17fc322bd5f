import Groups

/// Changes are the same when they are written again, and whatever they do, a checkpoint has all of it.
func checkGroups(_ input: [UInt8]) -> FuzzVerdict {
    do throws(GroupsError) {
        let changes = try PlacedChange.all(in: input.span)
        var bytes: [UInt8] = []
        for change in changes { change.append(to: &bytes) }
        guard try PlacedChange.all(in: bytes.span) == changes else {
            return .failed("\(changes) become others")
        }
        return try checkFold(changes)
    } catch {
        return .refused
    }
}

private func checkFold(_ changes: [PlacedChange]) throws(GroupsError) -> FuzzVerdict {
    var book = GroupBook()
    for change in changes { book.apply(change) }
    var again = GroupBook()
    try again.apply(book.body.span)
    guard again == book else { return .failed("a checkpoint of \(changes) is something else") }
    let shelf = GroupShelf(book, epoch: 1, at: GroupTime(log: 0, boot: 0))
    return shelf.book == book ? .accepted : .failed("a start with \(changes) is something else")
}
