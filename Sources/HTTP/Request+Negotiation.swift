import Bytes

/// What a request says about the forms of its body and of its answer.
extension Request {
    /// How the body says it is compressed.
    package var contentEncoding: ContentEncoding {
        let bytes = source
        return ContentEncoding(parser.head, in: bytes.span.extracting(headRange))
    }

    /// Whether the client takes an answer of that media type.
    ///
    /// An Accept field that nobody can read excludes nothing: some clients in use send such.
    package func accepts(_ type: String) -> Bool {
        do throws(HTTPError) {
            let bytes = source
            let head = bytes.span.extracting(headRange)
            return try AcceptHeader.accepts(type: type, parser.head, in: head)
        } catch {
            return true
        }
    }

    /// The coding that the client wants a large answer in; nil is plain.
    package var acceptedCoding: ContentCoding? {
        guard hasHead else { return nil }
        do throws(HTTPError) {
            let bytes = source
            let head = bytes.span.extracting(headRange)
            guard case .coded(let coding) = try AcceptEncoding.choose(parser.head, in: head) else {
                return nil
            }
            return coding
        } catch {
            return nil
        }
    }

    /// Whether the body says that it is of one of these media types.
    package func isOfType(_ types: [String]) -> Bool {
        guard let range = value(of: .contentType) else { return false }
        do throws(HTTPError) {
            let bytes = source
            let type = try MediaType(range, in: bytes.span)
            guard type.charset != .other else { return false }
            for name in types where type.isType(name, in: bytes.span) { return true }
            return false
        } catch {
            return false
        }
    }
}
