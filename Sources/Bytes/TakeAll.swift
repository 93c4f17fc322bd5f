extension Array {
    /// Hands over all elements, and begins anew with room for some.
    ///
    /// What is handed over keeps its memory to itself: a list that was long once takes no room after.
    @inlinable
    public mutating func takeAll() -> [Element] {
        if isEmpty { return [] }
        var taken: [Element] = []
        taken.reserveCapacity(Swift.min(count, 64))
        swap(&self, &taken)
        return taken
    }
}
