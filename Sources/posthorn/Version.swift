import Bytes

/// Which build of the program this is.
enum Version {
    static let number = "0.1.0"

    #if DEBUG
        static let buildMode = "debug"
    #else
        static let buildMode = "release"
    #endif

    #if compiler(>=6.4)
        static let swift = "6.4 or later"
    #elseif compiler(>=6.3.1)
        static let swift = "6.3.1"
    #else
        static let swift = "6.3 or earlier"
    #endif

    static var line: String { "posthorn \(number) (Swift \(swift), \(buildMode))" }

    static var json: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("version")
        json.string(number)
        json.key("swift")
        json.string(swift)
        json.key("build")
        json.string(buildMode)
        json.endObject()
        json.endLine()
        return json.finish()
    }
}
