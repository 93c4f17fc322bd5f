import Bytes

/// What a request says about the forms of its body and of its answer.
extension Request {
    /// How the body says it is compressed.
    package var contentEncoding: ContentEncoding {
        let bytes = source
        return ContentEncoding(parser.head, in: bytes.span.extracting(headRange))
    }

    /// Returns the place of the media type that the client prefers for its answer, the earlier one
    /// where it has no preference, or nil if it takes none of them.
    ///
    /// An Accept field that nobody can read excludes nothing: some clients in use send such.
    package func preferred(of types: [String]) -> Int? {
        guard has(.accept) else { return 0 }
        do throws(HTTPError) {
            let bytes = source
            let head = bytes.span.extracting(headRange)
            return try AcceptHeader.best(of: types, parser.head, in: head)
        } catch {
            return 0
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

    /// Returns the place of the media type that the body says it is of, or nil.
    ///
    /// Parameters mean nothing, but that a charset other than UTF-8 is none of them.
    package func bodyType(among types: [String]) -> Int? {
        guard let range = value(of: .contentType) else { return nil }
        do throws(HTTPError) {
            let bytes = source
            let type = try MediaType(range, in: bytes.span)
            guard type.charset != .other else { return nil }
            for place in types.indices where type.isType(types[place], in: bytes.span) {
                return place
            }
            return nil
        } catch {
            return nil
        }
    }
}
