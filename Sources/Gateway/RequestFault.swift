package import Bytes
import HTTP

/// What is wrong with one parameter, one field, or one place of a body.
package struct RequestFault: Equatable, Sendable {
    /// The name of the parameter or the field, or a JSON pointer.
    package let place: String
    package let detail: String

    package init(_ place: String, _ detail: String) {
        self.place = place
        self.detail = detail
    }

    /// How many of them one answer lists.
    static let listedMax = 100
}

/// Why a body is not what its route takes.
package enum BodyError: Error, Equatable, Sendable {
    case notJSON(JSONError)
    /// Members that nobody here knows, by their JSON pointers.
    case unknownMembers([String])
    /// Valid JSON that says what cannot be.
    case invalid([RequestFault])
}

extension Problem {
    init(_ error: BodyError) {
        switch error {
        case .notJSON(let error):
            self.init(.badRequest, "invalid_json", "Invalid JSON", "The body is \(error.message).")
        case .unknownMembers(let places):
            self.init(
                .badRequest, "unknown_field", "Unknown field",
                "Nothing here is called \(places.joined(separator: ", ")).")
            faults = places.map { Fault(place: $0, detail: "unknown field") }
        case .invalid(let list):
            self.init(
                .unprocessableContent, "invalid_body", "Invalid body",
                list.first.map { "\($0.place): \($0.detail)" } ?? "The body cannot be used.")
            faults = list.prefix(RequestFault.listedMax).map {
                Fault(place: $0.place, detail: $0.detail)
            }
        }
    }
}
