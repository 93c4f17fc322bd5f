import HTTP

/// Weights stay in their bounds, and every choice is one that the fields allow.
func checkNegotiation(_ input: [UInt8]) -> FuzzVerdict {
    let value = input.filter { $0 >= 0x20 && $0 != 0x7F || $0 == 9 }
    var wire = Array("GET / HTTP/1.1\r\nHost: a\r\n".utf8)
    for name in ["Accept: ", "Accept-Encoding: ", "Content-Encoding: ", "Content-Type: "] {
        wire += Array(name.utf8) + value + [13, 10]
    }
    wire += [13, 10]
    var parser = RequestParser(limits: HTTPLimits())
    do throws(HTTPError) {
        guard try parser.advance(over: wire.span) else { return .failed("fields are not whole") }
    } catch {
        return .failed("a clean value was refused: \(error)")
    }
    let verdicts = [
        checkAccept(parser.head, wire), checkCoding(parser.head, wire),
        checkType(parser.head, wire),
    ]
    for verdict in verdicts { if case .failed = verdict { return verdict } }
    for verdict in verdicts { if case .accepted = verdict { return verdict } }
    return .refused
}

private func checkAccept(_ head: RequestHead, _ wire: [UInt8]) -> FuzzVerdict {
    let types = ["application/json", "text/event-stream", "text/plain"]
    do throws(HTTPError) {
        var weights: [Int] = []
        for type in types { weights.append(try AcceptHeader.weight(of: type, head, in: wire.span)) }
        guard weights.allSatisfy({ 0...1000 ~= $0 }) else {
            return .failed("a weight is too large")
        }
        let best = try AcceptHeader.best(of: types, head, in: wire.span)
        let heaviest = weights.max() ?? 0
        let expected = heaviest == 0 ? nil : weights.firstIndex(of: heaviest)
        return best == expected ? .accepted : .failed("the best type is not the heaviest")
    } catch {
        return .refused
    }
}

private func checkCoding(_ head: RequestHead, _ wire: [UInt8]) -> FuzzVerdict {
    _ = ContentEncoding(head, in: wire.span)
    do throws(HTTPError) {
        _ = try AcceptEncoding.choose(head, in: wire.span)
        return .accepted
    } catch {
        return .refused
    }
}

private func checkType(_ head: RequestHead, _ wire: [UInt8]) -> FuzzVerdict {
    for field in head.fields where field.name == .contentType {
        do throws(HTTPError) {
            let type = try MediaType(field.value, in: wire.span)
            let lies =
                type.essence.lowerBound == field.value.lowerBound
                && type.essence.upperBound <= field.value.upperBound
            return lies ? .accepted : .failed("a media type lies outside of its field")
        } catch {
            return .refused
        }
    }
    return .failed("a field is lost")
}
