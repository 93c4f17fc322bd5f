import Bytes
import HTTP

/// Lets pages of other web origins read answers, where the settings name them.
enum CrossOrigin {
    private static let readable = """
        Request-Id, Retry-After, Allow, Location, ETag, Idempotency-Replayed, Posthorn-Next, \
        Posthorn-Ended, Posthorn-Lag, Posthorn-Wait, Posthorn-Earliest, Posthorn-Id, Posthorn-Key, \
        Posthorn-Published-At
        """
    static let secondsMax = 600

    /// Adds the fields that let a page of the request's origin read the answer, or, where a browser
    /// asks that before it sends what a plain form could not, that let it send `methods`.
    static func allow(
        _ request: Request, _ origins: [String], methods: String?, in response: inout Response
    ) {
        response.add("Vary", "Origin")
        guard request.hasHead, let origin = origin(of: request, among: origins) else { return }
        response.add("Access-Control-Allow-Origin", origin)
        response.add("Access-Control-Expose-Headers", readable)
        guard let methods, request.method == .options,
            request.value(of: .accessControlRequestMethod) != nil
        else { return }
        response.add("Access-Control-Allow-Methods", methods)
        response.add("Access-Control-Max-Age", "\(secondsMax)")
        guard let range = request.value(of: .accessControlRequestHeaders) else { return }
        let names = String(decoding: request.source[range], as: UTF8.self)
        guard names.utf8.allSatisfy(isNameOrSeparator) else { return }
        response.add("Access-Control-Allow-Headers", names)
    }

    private static func origin(of request: Request, among origins: [String]) -> String? {
        guard let range = request.value(of: .origin) else { return nil }
        let origin = String(decoding: request.source[range], as: UTF8.self)
        if origins.contains("*") { return "*" }
        return origins.contains(origin) ? origin : nil
    }

    private static func isNameOrSeparator(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || "-_, ".utf8.contains(byte)
    }
}
