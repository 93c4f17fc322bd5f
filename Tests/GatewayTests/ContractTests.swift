import Contract
import HTTP
import Testing

@testable import Gateway

/// The file says of each route what the list of routes says, and has no other.
@Suite("openapi/posthorn.yaml")
struct ContractTests {
    static let contract: JSONTree = {
        do { return try JSONTree(reading: Contract.json) } catch { fatalError("\(error)") }
    }()

    static let all = Routes.all + Routes.broker
    /// What `curl -d` calls a body is taken as JSON, too, and no client has to know.
    static let unsaidTypes: Set = ["application/x-www-form-urlencoded"]

    private static func operation(_ route: Route) -> JSONTree {
        contract["paths"][route.path]["\(route.method)".lowercased()]
    }

    private static func parameters(_ route: Route) -> [JSONTree] {
        let shared = contract["paths"][route.path]["parameters"].list
        return (shared + operation(route)["parameters"].list).map(resolved)
    }

    private static func resolved(_ tree: JSONTree) -> JSONTree {
        guard let place = tree["$ref"].text else { return tree }
        return place.split(separator: "/").dropFirst().reduce(contract) { $0[String($1)] }
    }

    @Test("has the routes that the router has, under the same names")
    func routes() {
        let ours = Self.all.map { "\($0.method) \($0.path) \($0.operation)".lowercased() }
        var theirs: [String] = []
        for (path, methods) in Self.contract["paths"].members {
            for (method, operation) in methods.members where method != "parameters" {
                theirs.append(
                    "\(method) \(path) \(operation["operationId"].text ?? "")".lowercased())
            }
        }
        #expect(ours.sorted() == theirs.sorted())
    }

    @Test("names the query parameters that the router takes", arguments: all)
    func parameters(route: Route) {
        var said = Self.parameters(route).filter { $0["in"].text == "query" }
            .compactMap(\.["name"].text)
        said += Self.operation(route)["x-query-parameters"].list.compactMap(\.text)
        let known = route.parameters.map { $0.isPrefix ? $0.name + "*" : $0.name }
        #expect(said.sorted() == known.sorted(), "\(route.method) \(route.path)")
    }

    @Test("names the fields that the router takes as options", arguments: all)
    func options(route: Route) {
        let fields = Self.parameters(route).filter { $0["in"].text == "header" }
            .compactMap(\.["name"].text)
        for name in fields where name.hasPrefix("Posthorn-") {
            #expect(!route.options.isEmpty, "\(name) of \(route.method) \(route.path)")
        }
        let path = route.path.split(separator: "/").filter { $0.hasPrefix("{") }
            .map { String($0.dropFirst().dropLast()) }
        let said = Self.parameters(route).filter { $0["in"].text == "path" }
            .compactMap(\.["name"].text)
        #expect(said.sorted() == path.sorted())
    }

    @Test("names the types of bodies that the router takes", arguments: all)
    func bodies(route: Route) {
        let body = Self.operation(route)["requestBody"]
        let said = Set(body["content"].members.keys)
        switch route.body {
        case .ignored: #expect(body == .null, "\(route.method) \(route.path)")
        case .needed(let types) where types.isEmpty: #expect(!said.isEmpty)
        case .needed(let types):
            #expect(said == Set(types).subtracting(Self.unsaidTypes))
            #expect(body["required"] == .bool(true))
        case .optional(let types):
            #expect(said == Set(types).subtracting(Self.unsaidTypes))
            #expect(body["required"] == .bool(false))
        }
    }

    @Test("names the types of answers that the router makes", arguments: all)
    func answers(route: Route) {
        var said: Set<String> = []
        for (status, response) in Self.operation(route)["responses"].members
        where status.hasPrefix("2") {
            said.formUnion(response["content"].members.keys)
        }
        // Any type is this one to a client that was made.
        if said.contains("*/*") { said.remove("application/octet-stream") }
        let isEmpty = route.method == .delete
        #expect(said == (isEmpty ? [] : Set(route.produces)), "\(route.method) \(route.path)")
    }

    @Test("says what goes wrong, and how")
    func problems() {
        for route in Self.all {
            let responses = Self.operation(route)["responses"]
            #expect(responses["default"] != .null, "\(route.path)")
            for (status, response) in responses.members where !status.hasPrefix("2") {
                let content = Self.resolved(response)["content"].members
                let expected: Set = status == "304" ? [] : ["application/problem+json"]
                #expect(Set(content.keys) == expected, "\(route.path) \(status)")
            }
        }
    }
}
