import Bytes
import Wire

/// Readers at one place who want the same: they are asked for once, and given the same bytes.
final class Reading {
    enum Kind {
        case page
        /// One message, as an envelope or as it is.
        case message(MessageID, isEnvelope: Bool)
    }

    /// What has to be found out before anything can be fetched.
    enum Start {
        case known
        case ends
        /// The first offsets since then, but for those partitions whose offset is known.
        case since(Int)
    }

    /// Those with the same key are one.
    struct Key: Hashable {
        let topic: UInt32
        let place: ReadPlace
        let taste: ReadTaste.Key
    }

    var known: KnownTopic
    let kind: Kind
    let taste: ReadTaste
    var place: ReadPlace
    /// Where its readers are: what is behind it has not been given to them.
    private(set) var began: ReadPlace
    /// Whether its readers have waited here.
    private(set) var hasRested = false
    var start = Start.known
    /// What the client said of its start; it is looked at again when the topic turns out another.
    let options: ReadOptions

    private(set) var readers: [Reader] = []

    /// Calls that are not answered, and what the others said, by the position of the partition.
    var awaited = 0
    var parts: [FetchedPart?] = []
    var offsets: [Int?] = []
    var refusal: ShardRefusal?
    var hasAskedAgain = false
    var rounds = 0
    var fetchedSize = 0
    var rendition: Rendition
    /// Where it is parked.
    var lookout: Lookout?

    init(
        _ known: KnownTopic, _ kind: Kind = .page, _ taste: ReadTaste, _ place: ReadPlace,
        _ options: ReadOptions
    ) {
        self.known = known
        self.kind = kind
        self.taste = taste
        self.place = place
        began = place
        self.options = options
        rendition = Rendition(taste.key.format, known.name)
    }

    var key: Key { Key(topic: known.topic.id, place: place, taste: taste.key) }

    var isParked: Bool { lookout != nil }

    /// Begins anew where it is.
    func rest() {
        began = place
        hasRested = true
        hasAskedAgain = false
        rounds = 0
        fetchedSize = 0
        rendition = Rendition(taste.key.format, known.name)
    }

    /// Takes the partitions in that were added to its topic; false if it reads one, or has them all.
    func extend(to known: KnownTopic) -> Bool {
        let added = known.topic.shards.count - place.offsets.count
        guard place.partition == nil, added > 0 else { return false }
        self.known = known
        place.offsets += [Int](repeating: 0, count: added)
        began = place
        return true
    }

    /// Notes where it begins, once that is known.
    func settle() { began = place }

    func add(_ reader: Reader) {
        assert(reader.reading == nil)
        reader.reading = self
        reader.slot = readers.count
        readers.append(reader)
    }

    /// Notes that one of its readers is gone.
    func lose(_ reader: Reader) {
        precondition(reader.reading === self && readers[reader.slot] === reader)
        reader.reading = nil
        let last = readers.removeLast()
        guard last !== reader else { return }
        readers[reader.slot] = last
        last.slot = reader.slot
    }

    /// Takes out what was found, so that nobody has to copy it for what ends it.
    func takeRendition() -> Rendition {
        let found = rendition
        rendition = Rendition(taste.key.format, known.name)
        return found
    }

    /// Takes out all readers.
    func takeReaders() -> [Reader] {
        let all = readers
        readers = []
        for reader in all { reader.reading = nil }
        return all
    }
}

/// A place that is watched for all who wait there.
final class Lookout {
    struct Key: Hashable {
        let topic: UInt32
        let partition: UInt32?
        let offsets: [Int]
    }

    let key: Key
    let known: KnownTopic
    var readings: [Reading] = []
    /// The watches that are out.
    var watches: [(id: SlabID, shard: UInt16)] = []

    init(_ key: Key, _ known: KnownTopic) {
        self.key = key
        self.known = known
    }
}
