import Records

/// A filter is the same when it is read from its own text, and no verdict differs.
func checkFilter(_ input: [UInt8]) -> FuzzVerdict {
    let filter: Filter
    do throws(FilterError) {
        filter = try Filter(parsing: input.span)
    } catch {
        let isInside =
            0...input.count ~= error.position && 1...error.position + 1 ~= error.character
        return isInside ? .refused : .failed("an error lies outside of the text")
    }
    do throws(FilterError) {
        let text = filter.description
        let again = try Filter(canonical: text.utf8.span)
        guard again.description == text else { return .failed("\(text) becomes \(again)") }
        guard again.requiredBits == filter.requiredBits else {
            return .failed("\(text) asks for other bits")
        }
        return faultInVerdicts(filter, again).map { .failed($0) } ?? .accepted
    } catch {
        return .failed("\(filter) is refused: \(error.message)")
    }
}

/// Records with the names and values that the corpus has.
private let records: [RecordDraft] = [
    draft(nil, []), draft("customer-17", [("region", "eu"), ("total", "100.5"), ("a", "1")]),
    draft("", [("a", ""), ("b", "x"), ("type", "order.paid")]),
    draft("a", [("region", "us"), ("a", "x"), ("total", "-1e3"), ("time", "2026"), ("b", "1")]),
]

private func draft(_ key: String?, _ attributes: [(String, String)]) -> RecordDraft {
    var draft = RecordDraft(time: 1_700_000_000_000, body: [])
    draft.key = key.map { Array($0.utf8)[...] }
    draft.attributes = attributes.map {
        RecordAttribute(name: Array($0.utf8)[...], value: Array($1.utf8)[...])
    }
    return draft
}

private func faultInVerdicts(_ filter: Filter, _ again: Filter) -> String? {
    var builder = BatchBuilder()
    var compressor = BatchCompressor()
    var reader = BatchReader()
    do throws(RecordsError) {
        for record in records { _ = try builder.append(record) }
        try reader.open(builder.encode(.none, with: &compressor))
        while let record = try reader.nextRecord() {
            let isMatch = filter.matches(record, in: reader.bytes.span)
            guard again.matches(record, in: reader.bytes.span) == isMatch else {
                return "\(filter) takes other records than it did"
            }
            let missing = filter.requiredBits & ~reader.entry(record.index).attributeMask
            if isMatch, missing != 0 { return "\(filter) takes what the mask rejects" }
        }
        return nil
    } catch {
        return "the records are broken"
    }
}
