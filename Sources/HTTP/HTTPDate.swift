import Bytes

/// Dates as HTTP writes them: `Sat, 21 Nov 2026 09:17:46 GMT` (RFC 9110, section 5.6.7).
package enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Appends the 29 bytes of the date that lies `unixSeconds` after 1970.
    package static func append(_ unixSeconds: Int64, to bytes: inout [UInt8]) {
        let date = CivilDate(unixSeconds: unixSeconds)
        bytes.append(days[date.weekday])
        bytes.append(", ")
        bytes.append(decimal: UInt64(date.day), digits: 2)
        bytes.append(.space)
        bytes.append(months[date.month - 1])
        bytes.append(.space)
        bytes.append(decimal: UInt64(date.year), digits: 4)
        bytes.append(.space)
        date.appendTime(to: &bytes)
        bytes.append(" GMT")
    }
}
