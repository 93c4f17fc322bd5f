import Bytes
package import HTTP

/// A whole answer, with what was seen while it came.
package struct Answer: Equatable, Sendable {
    package var status: Int
    package var body: [UInt8]
    /// The server's `Date` in seconds after 1970, where it sent one that can be read.
    package var date: Int64?
    /// Our own time when the answer was whole, in milliseconds after 1970.
    package var clock: Int64
    /// From the sending of the request to the last byte of its answer.
    package var nanoseconds: UInt64
    /// Whether the connection had carried an answer before.
    package var isOnKeptConnection: Bool

    /// Takes an exchange that is done.
    package init(
        _ exchange: ClientExchange, body: [UInt8], clock: Int64, nanoseconds: UInt64,
        isOnKeptConnection: Bool
    ) {
        status = exchange.head.status
        self.body = body
        date = Self.date(of: exchange)
        self.clock = clock
        self.nanoseconds = nanoseconds
        self.isOnKeptConnection = isOnKeptConnection
    }

    private static func date(of exchange: ClientExchange) -> Int64? {
        for field in exchange.head.fields {
            let name = exchange.headBytes[field.fieldName].map(\.lowercased)
            if name.elementsEqual("date".utf8) {
                return HTTPDate.seconds(of: exchange.headBytes[field.value])
            }
        }
        return nil
    }

    /// How far the server's clock is ahead of ours, in milliseconds: true to half a second, since
    /// a `Date` has whole ones.
    package var clockLead: Int64? {
        guard let date else { return nil }
        return date * 1_000 + 500 - clock
    }

    /// A member of the body, if that is a JSON object with a text under this name.
    package func text(_ name: String) -> String? {
        var found: [UInt8]?
        visitMembers { reader, token, key in
            guard key == name, token == .string else { return }
            var text: [UInt8] = []
            reader.appendText(of: body, to: &text)
            found = text
        }
        return found.map { String(decoding: $0, as: UTF8.self) }
    }

    /// A member of the body, if that is a JSON object with an integer under this name.
    package func integer(_ name: String) -> Int64? {
        var found: Int64?
        visitMembers { reader, token, key in
            if key == name, token == .number { found = reader.integer(body.span) }
        }
        return found
    }

    /// Shows each member of the outermost object to `visit`; what is no JSON has none.
    private func visitMembers(_ visit: (JSONReader, JSONToken, String) -> Void) {
        var reader = JSONReader(in: body.indices)
        do throws(JSONError) {
            guard try reader.next(body.span) == .beginObject else { return }
            while try reader.next(body.span) == .key {
                var name: [UInt8] = []
                reader.appendText(of: body, to: &name)
                let depth = reader.depth
                let token = try reader.next(body.span)
                visit(reader, token, String(decoding: name, as: UTF8.self))
                while reader.depth > depth { _ = try reader.next(body.span) }
            }
        } catch {
            // A page of something else is no answer of ours, and the report says so.
            return
        }
    }
}
