/// Now, by both clocks, in milliseconds: one for dates, one for durations.
package struct Moment: Equatable, Sendable {
    /// Since 1970.
    package var wall: Int
    /// Since the machine started; it never falls.
    package var boot: Int

    package init(wall: Int, boot: Int) {
        self.wall = wall
        self.boot = boot
    }
}
