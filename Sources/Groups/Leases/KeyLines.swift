// The messages of each key, in line: one is current, which is out, waits for its retry or can be handed
// out, and the others wait behind it. Whatever waits, the next of a key is found at once, and no line is
// ever looked through.
//
// Keys are known by their hash: two that have the same one wait for each other.

struct KeyLines: Sendable {
    private struct Line {
        var current: Int
        /// Numbers of nodes and 1; 0 for none.
        var head: UInt32 = 0
        var tail: UInt32 = 0
    }

    private struct Node {
        var waiting: Waiting
        var next: UInt32
    }

    private var lines: [UInt32: Line] = [:]
    private var nodes: [Node] = []
    private var vacant: UInt32 = 0
    /// Those that wait behind a current one.
    private(set) var waitingCount = 0

    init() {}

    /// Keys that have a current message.
    var count: Int { lines.count }

    func isHeld(_ key: UInt32) -> Bool { lines[key] != nil }
    func current(of key: UInt32) -> Int? { lines[key]?.current }

    /// Gets in line; true if nobody is before it.
    mutating func enter(_ waiting: Waiting, key: UInt32) -> Bool {
        guard var line = lines[key] else {
            lines[key] = Line(current: waiting.offset)
            return true
        }
        let node = keep(waiting)
        if line.tail == 0 { line.head = node } else { nodes[Int(line.tail) - 1].next = node }
        line.tail = node
        lines[key] = line
        waitingCount += 1
        return false
    }

    /// The message at `offset` is settled; returns who is current from now on.
    ///
    /// One that is not current stays in line, and its turn will show that it is settled.
    mutating func leave(_ offset: Int, key: UInt32) -> Waiting? {
        guard var line = lines[key], line.current == offset else { return nil }
        guard line.head != 0 else {
            lines[key] = nil
            return nil
        }
        let node = nodes[Int(line.head) - 1]
        free(line.head)
        line.current = node.waiting.offset
        line.head = node.next
        if line.head == 0 { line.tail = 0 }
        lines[key] = line
        waitingCount -= 1
        return node.waiting
    }

    private mutating func keep(_ waiting: Waiting) -> UInt32 {
        guard vacant != 0 else {
            nodes.append(Node(waiting: waiting, next: 0))
            return UInt32(nodes.count)
        }
        let node = vacant
        vacant = nodes[Int(node) - 1].next
        nodes[Int(node) - 1] = Node(waiting: waiting, next: 0)
        return node
    }

    private mutating func free(_ node: UInt32) {
        nodes[Int(node) - 1].next = vacant
        vacant = node
    }
}
