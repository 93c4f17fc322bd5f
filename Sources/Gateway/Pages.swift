// What pages about topics, groups and the service have in common.

import Bytes
import HTTP
import Records

extension JSONWriter {
    /// A date, as milliseconds since 1970.
    mutating func member(_ name: String, date milliseconds: Int?) {
        key(name)
        guard let milliseconds else { return null() }
        var text: [UInt8] = []
        Timestamp.append(Int64(milliseconds), to: &text)
        string(utf8: text[...])
    }

    /// A duration, as clients write it, too.
    mutating func member(_ name: String, duration milliseconds: Int?) {
        member(name, milliseconds.map { Duration.milliseconds($0).human })
    }
}

extension Response {
    /// A page that is right for now only.
    static func json(_ status: HTTPStatus, _ body: [UInt8]) -> Response {
        var response = Response(status)
        response.add("Content-Type", "application/json")
        response.add("Cache-Control", "no-store")
        response.setBody(body)
        return response
    }
}
