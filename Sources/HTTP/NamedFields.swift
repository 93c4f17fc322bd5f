/// Walks the fields of one name in order of arrival, with their places in `Request.source`.
///
/// It holds places and no bytes, and allocates nothing.
package struct NamedFields: Sequence, IteratorProtocol {
    package struct Field: Equatable, Sendable {
        /// The whole name, as it was sent.
        package var name: Range<Int>
        /// What stands behind the beginning that names of this kind share; empty for others.
        package var suffix: Range<Int>
        package var value: Range<Int>
    }

    private let request: Request
    private let name: FieldName
    private var index: Int

    init(_ name: FieldName, of request: Request) {
        self.request = request
        self.name = name
        // Whether there are any is known since the head was read.
        index = request.has(name) ? 0 : request.parser.head.fields.count
    }

    package mutating func next() -> Field? {
        while index < request.parser.head.fields.count {
            let line = request.parser.head.fields[index]
            index += 1
            guard line.name == name else { continue }
            let whole = moved(line.fieldName)
            let prefix = name.prefixSize
            return Field(
                name: whole,
                suffix: prefix == 0 ? whole.upperBound..<whole.upperBound : whole.dropFirst(prefix),
                value: moved(line.value))
        }
        return nil
    }

    private func moved(_ range: Range<Int>) -> Range<Int> {
        request.base + range.lowerBound..<request.base + range.upperBound
    }
}

extension Request {
    /// All fields of a known name; for the names that share a beginning, each with what follows it.
    package func fields(_ name: FieldName) -> NamedFields { NamedFields(name, of: self) }

    /// The names of the fields in `set` as they were sent, each once, and at most `max` of them.
    package func names(in set: FieldSet, max: Int) -> [String] {
        var names: [String] = []
        for line in parser.head.fields where set.contains(line.name) {
            let range = base + line.fieldName.lowerBound..<base + line.fieldName.upperBound
            let name = String(decoding: source[range], as: UTF8.self)
            if names.count < max, !names.contains(name) { names.append(name) }
        }
        return names
    }
}
