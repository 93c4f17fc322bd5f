// The table of a book of failures: where the slot of an offset is.

extension RetryBook {
    func slot(of offset: Int) -> Int? {
        guard !table.isEmpty else { return nil }
        var place = home(of: offset)
        while table[place] != 0 {
            let slot = Int(table[place]) - 1
            if slots[slot].failure.offset == offset { return slot }
            place = next(place)
        }
        return nil
    }

    /// Where the table has a slot's number, whatever the slot holds.
    func place(of offset: Int, slot: Int) -> Int {
        var place = home(of: offset)
        while table[place] != UInt32(slot + 1) { place = next(place) }
        return place
    }

    func freePlace(for offset: Int) -> Int {
        var place = home(of: offset)
        while table[place] != 0 { place = next(place) }
        return place
    }

    private func next(_ place: Int) -> Int { place + 1 == table.count ? 0 : place + 1 }

    private func home(of offset: Int) -> Int {
        let mixed = UInt64(bitPattern: Int64(offset)) &* 0x9E37_79B9_7F4A_7C15
        return Int(mixed.multipliedFullWidth(by: UInt64(table.count)).high)
    }

    /// Closes the gap, so that nothing behind it gets lost.
    mutating func clearTable(_ offset: Int) {
        guard let slot = slot(of: offset) else { return }
        var hole = place(of: offset, slot: slot)
        var place = next(hole)
        while table[place] != 0 {
            let home = home(of: slots[Int(table[place]) - 1].failure.offset)
            let stays =
                hole <= place
                ? hole < home && home <= place : hole < home || home <= place
            if !stays {
                table[hole] = table[place]
                hole = place
            }
            place = next(place)
        }
        table[hole] = 0
    }

    mutating func growTable() {
        table = [UInt32](repeating: 0, count: max(16, table.count + table.count / 4))
        for slot in slots.indices {
            table[freePlace(for: slots[slot].failure.offset)] = UInt32(slot + 1)
        }
    }
}
