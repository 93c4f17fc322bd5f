import CommitLog
import Wire

// Publishes that came while the keeper made room go on as soon as it has, in their order.
extension Shard {
    /// Stores those that have room by now, and refuses those that never will.
    func moveLine() {
        while let place = line.first {
            guard mayMove(place) else { return }
            line.removeFirst()
            do throws(ShardRefusal) {
                try take(
                    place.publish, place.ticket, place.caller, in: place.spread,
                    isFirstOfLine: true)
            } catch {
                refuse(place, error)
            }
        }
    }

    /// Whether the first of the line has room, or none to hope for.
    private func mayMove(_ place: PublishLine.Place) -> Bool {
        guard log.waitingBytes + place.size <= limits.log.waitingSizeMax else { return false }
        do throws(ShardRefusal) {
            return try hasRoom(for: place.size)
        } catch {
            return true
        }
    }

    /// Refuses those that have waited long enough.
    func shortenLine() {
        while let place = line.first, place.until <= now.boot {
            line.removeFirst()
            refuse(place, .overloaded)
        }
    }

    /// Nothing will be confirmed any more.
    func failLine() {
        for place in line.removeAll() { refuse(place, .failed) }
    }

    private func refuse(_ place: PublishLine.Place, _ refusal: ShardRefusal) {
        answer(place.caller, place.ticket, .refused(refusal))
    }
}
