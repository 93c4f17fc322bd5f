/// What the bytes of a log or a checkpoint can have wrong.
package enum GroupsError: Error, Equatable {
    /// The bytes say something that is never written.
    case damaged
}
