internal import Bytes

extension RawSettings {
    /// Reads the `POSTHORN_` variables, of any command: one environment may serve several.
    ///
    /// An unknown one is refused, because a setting that was spelled wrong would otherwise have no
    /// effect and no trace. If a variable is there twice, the first counts, as with `getenv`.
    package init(environment: [(name: String, value: String)]) throws(SettingsError) {
        self.init()
        for (name, value) in environment where name.hasPrefix("POSTHORN_") {
            guard let setting = Setting.all.first(where: { $0.variable == name }) else {
                if Self.isFromKubernetes(name) { continue }
                throw .unknownVariable(name, nearest: nearestVariable(to: name))
            }
            if given(setting) == nil { try set(setting, to: value, .variable(name)) }
        }
    }

    /// Whether Kubernetes and not a person set the variable.
    ///
    /// It tells every container of a namespace about each Service in it. For a Service called
    /// posthorn that is POSTHORN_SERVICE_HOST, POSTHORN_SERVICE_PORT(_name), POSTHORN_PORT and
    /// POSTHORN_PORT_8080_TCP(_PROTO, _PORT, _ADDR), and for posthorn-web the same behind
    /// POSTHORN_WEB. None of them is meant as a setting, and no setting has such a name.
    private static func isFromKubernetes(_ name: String) -> Bool {
        if name.hasPrefix("POSTHORN_SERVICE_") || name.hasPrefix("POSTHORN_PORT_") { return true }
        if name.hasSuffix("_SERVICE_HOST") || name.hasSuffix("_PORT") { return true }
        let parts = name.split(separator: "_")
        return zip(parts, parts.dropFirst()).contains { part, next in
            part == "SERVICE" && next == "PORT"
                || part == "PORT" && next.utf8.allSatisfy(\.isDigit)
        }
    }

    private func nearestVariable(to name: String) -> String? {
        let typed = String(name.dropFirst("POSTHORN_".count)).asciiLowercased
        let dashed = String(typed.map { $0 == "_" ? "-" : $0 })
        let nearest = nearestName(to: dashed, in: Setting.all.map(\.name))
        return nearest.flatMap { Setting.named($0)?.variable }
    }
}
