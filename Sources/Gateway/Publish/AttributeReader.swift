import Bytes
import HTTP
import Records

/// Collects the attributes of a message from fields and parameters.
///
/// Names of fields have no case, so those from fields are in small letters.
struct AttributeReader {
    static let parameterPrefix = "attr."
    private var attributes: [RecordAttribute] = []

    static func attributes(of request: Request) throws(PublishError) -> [RecordAttribute] {
        var reader = AttributeReader()
        for field in request.fields(.attribute) {
            let place = String(decoding: request.source[field.name], as: UTF8.self)
            try reader.add(place, lowercased(request.source[field.suffix]), field, request)
        }
        for field in request.fields(.cloudEvent) {
            let place = String(decoding: request.source[field.name], as: UTF8.self)
            try reader.add(place, lowercased(request.source[field.name]), field, request)
        }
        reader.addTrace(of: request)
        guard request.targetParts.query != nil else { return reader.attributes }
        for (name, value) in request.parameters(startingWith: parameterPrefix) {
            try reader.add(
                parameterPrefix + name, [UInt8](name.utf8)[...], [UInt8](value.utf8)[...],
                isField: false)
        }
        return reader.attributes
    }

    private mutating func add(
        _ place: String, _ name: ArraySlice<UInt8>, _ field: NamedFields.Field, _ request: Request
    ) throws(PublishError) {
        guard let value = PercentText.decode(request.source[field.value]) else {
            throw .unreadable(RequestFault(place, "holds a % that begins no escape"))
        }
        try add(place, name, value, isField: true)
    }

    private mutating func add(
        _ place: String, _ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>, isField: Bool
    ) throws(PublishError) {
        guard Name.isValid(name.span) else {
            throw .unreadable(RequestFault(place, "is no attribute: a name is \(Name.rule)"))
        }
        if let known = attributes.first(where: { $0.name == name }) {
            if known.value == value && !isField { return }
            throw .contradiction(place, "Posthorn-Attr-" + String(decoding: name, as: UTF8.self))
        }
        attributes.append(RecordAttribute(name: name, value: value))
    }

    /// A trace that nobody could follow is left out: it must not cost a message.
    private mutating func addTrace(of request: Request) {
        guard let parent = request.value(of: .traceparent) else { return }
        guard Self.isTraceparent(request.source[parent]) else { return }
        addUnlessThere("traceparent", request.source[parent])
        guard let state = request.value(of: .tracestate), !state.isEmpty else { return }
        addUnlessThere("tracestate", request.source[state])
    }

    private mutating func addUnlessThere(_ name: String, _ value: ArraySlice<UInt8>) {
        let name = [UInt8](name.utf8)[...]
        guard !attributes.contains(where: { $0.name == name }) else { return }
        attributes.append(RecordAttribute(name: name, value: value))
    }

    /// `version-traceid-parentid-flags` of the W3C's Trace Context, in small hexadecimal digits.
    static func isTraceparent(_ value: ArraySlice<UInt8>) -> Bool {
        guard value.count == 55 else { return false }
        for (place, byte) in value.enumerated() {
            switch place {
            case 2, 35, 52: if byte != UInt8(ascii: "-") { return false }
            default: if byte.hexDigit == nil || byte != byte.lowercased { return false }
            }
        }
        let start = value.startIndex
        let isNone = { (range: Range<Int>) in value[range].allSatisfy { $0 == 0x30 } }
        let isForbidden = value.prefix(2).allSatisfy { $0 == UInt8(ascii: "f") }
        return !isForbidden && !isNone(start + 3..<start + 35) && !isNone(start + 36..<start + 52)
    }

    private static func lowercased(_ name: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        if name.allSatisfy({ $0 == $0.lowercased }) { return name }
        return name.map(\.lowercased)[...]
    }
}
