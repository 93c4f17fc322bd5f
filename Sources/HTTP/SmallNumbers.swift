// Numbers in less room than an `Int`: tens of thousands of requests wait at once, and each has dozens.

/// A bound that stays below 2^32.
@propertyWrapper
package struct Small: Equatable, Sendable {
    private var stored: UInt32

    package init(wrappedValue: Int) { stored = UInt32(wrappedValue) }

    package var wrappedValue: Int {
        get { Int(stored) }
        set { stored = UInt32(newValue) }
    }
}

/// A range of places in a head, which all stay below 2^31: see `RequestParser`.
@propertyWrapper
package struct SmallRange: Equatable, Sendable {
    private var lower: UInt32
    private var upper: UInt32

    package init(wrappedValue: Range<Int>) {
        lower = UInt32(wrappedValue.lowerBound)
        upper = UInt32(wrappedValue.upperBound)
    }

    package var wrappedValue: Range<Int> {
        get { Int(lower)..<Int(upper) }
        set { self = SmallRange(wrappedValue: newValue) }
    }
}

/// A place in a short list, or none.
@propertyWrapper
package struct SmallIndex: Equatable, Sendable {
    private var stored = UInt16.max

    package init() {}

    package var wrappedValue: Int? {
        get { stored == .max ? nil : Int(stored) }
        set {
            precondition(newValue != Int(UInt16.max), "the list is short")
            stored = newValue.map { UInt16($0) } ?? .max
        }
    }
}
