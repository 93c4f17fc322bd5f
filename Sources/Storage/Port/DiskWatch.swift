// How full the disk is, as a decision: the keeper brings the numbers, and everybody hears the level.

package import Kernel

/// What the fullness of the disk asks for; each level has all that those below it ask for.
package enum DiskLevel: Int, Comparable, Sendable {
    case roomy
    /// An operator is warned, and what is dead goes sooner.
    case filling
    /// Publishes are refused; reads, acks and deletes go on.
    case full
    /// Nothing is written any more that gives room back only later.
    case scarce

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Where the levels begin, in percent of what may be used of the file system; 100 is never.
package struct DiskMarks: Equatable, Sendable {
    package var filling = 85
    package var full = 92
    package var scarce = 97

    package init() {}

    /// The level of a disk with `space`, where the marks stand so much lower.
    fileprivate func level(of space: DiskSpace, lowered: Int = 0) -> DiskLevel {
        let used = Double(space.total - space.free) * 100
        func isBeyond(_ mark: Int) -> Bool {
            // One hundred percent are never exceeded.
            used > Double(mark - (mark < 100 ? lowered : 0)) * Double(space.total)
        }
        if isBeyond(scarce) { return .scarce }
        if isBeyond(full) { return .full }
        return isBeyond(filling) ? .filling : .roomy
    }
}

/// Follows how full the disk is.
///
/// A level ends a little below where it begins, so that nobody hears of it with each file that comes
/// and goes.
package struct DiskWatch: Sendable {
    /// Percent of the file system.
    package static let slack = 1

    private let marks: DiskMarks
    package private(set) var level = DiskLevel.roomy

    package init(_ marks: DiskMarks) {
        self.marks = marks
    }

    /// Notes what room there is; returns whether the level is another one.
    package mutating func note(_ space: DiskSpace) -> Bool {
        let before = level
        level = max(marks.level(of: space), min(level, marks.level(of: space, lowered: Self.slack)))
        return level != before
    }
}
