import HTTP

/// What a simulated client is going to do: its bytes, its pace and its end.
struct ClientScript {
    enum Pace: CaseIterable { case eager, pieces, dribble, sluggish }
    enum Reading: CaseIterable { case all, slowly, never }
    enum End: CaseIterable { case staysSilent, halfCloses, vanishes, closesWhenDone }

    var wire: [UInt8] = []
    /// The status of the answer, by Request-Id, where the request leaves no choice.
    var statuses: [String: Int] = [:]
    var pace = Pace.eager
    var reading = Reading.all
    var end = End.staysSilent

    init(_ name: String, _ dice: Dice) {
        pace = dice.pick([.eager, .eager, .eager, .pieces, .pieces, .dribble, .sluggish])
        reading = dice.pick([.all, .all, .all, .all, .slowly, .never])
        end = dice.pick([.staysSilent, .halfCloses, .halfCloses, .vanishes, .closesWhenDone])
        if dice.oneIn(25) {
            addGreed(name, dice)
        } else {
            for number in 0..<dice.number(in: 1...8) { add("\(name)-\(number)", dice) }
        }
        if dice.oneIn(5) { wire.removeLast(dice.number(in: 0...wire.count / 2)) }
        // Whoever dribbles all of a long script would need the whole simulation for it.
        if pace == .dribble { wire.removeLast(max(0, wire.count - 400)) }
        if pace == .sluggish { wire.removeLast(max(0, wire.count - 4_000)) }
    }

    /// More than the server holds for a client, in answers that repeat long paths.
    private mutating func addGreed(_ name: String, _ dice: Dice) {
        reading = dice.pick([.all, .slowly, .never])
        let path = "/" + String(repeating: "a", count: 7_900)
        for number in 0..<dice.number(in: 70...85) {
            add("GET \(path)", "\(name)-\(number)", status: 404)
        }
        add("GET /healthz", "\(name)-last", status: 200)
    }

    private mutating func add(_ id: String, _ dice: Dice) {
        switch dice.number(in: 0...17) {
        case 0 where dice.oneIn(2):
            add("PUT /nothing", id, ["Transfer-Encoding: chunked"], status: 404)
            wire += Array("3\r\nbad".utf8)
        case 0...1: addMade(id, dice)
        case 2: add("HEAD /v1/limits", id, status: 200)
        case 3: add("GET /nothing/here", id, status: 404)
        case 4: add("DELETE /healthz", id, status: 405, body: "gone")
        case 5: add("POST /send/x", id, ["Content-Type: text/plain"], status: 200, body: "hello")
        case 6:
            let fields = ["Content-Type: text/plain", "Expect: 100-continue"]
            add("POST /send/%78", id, fields, status: 200, body: "hello")
        case 7:
            let size = dice.number(in: 1...40_000)
            let body = String(repeating: "b", count: size)
            add("POST /send/x", id, ["Content-Type: text/plain"], status: 200, body: body)
        case 8: addChunks(id, dice)
        case 9: add("POST /send/x", id, ["Content-Type: image/png"], status: 415, body: "png")
        case 10:
            let fields = ["Content-Type: text/plain", "Content-Length: 99999999"]
            add("POST /send/x", id, fields, status: 413)
        case 11: add("GET /healthz?x=1", id, status: 400)
        case 12: add("OPTIONS *", id, status: 204)
        case 13 where dice.oneIn(3): add("GET /", id, ["Connection: close"], status: 200)
        case 14 where dice.oneIn(3):
            add("POST /refuse", id, ["Expect: 100-continue"], status: 404, body: "no")
        case 16: add("\(dice.pick(["GET", "GET", "HEAD"])) /later/x", id, status: 200)
        default: add("GET /healthz", id, status: 200)
        }
    }

    private mutating func add(
        _ line: String, _ id: String, _ fields: [String] = [], status: Int, body: String = ""
    ) {
        statuses[id] = status
        var text = "\(line) HTTP/1.1\r\nHost: h\r\nRequest-Id: \(id)\r\n"
        for field in fields { text += field + "\r\n" }
        if !body.isEmpty { text += "Content-Length: \(body.utf8.count)\r\n" }
        wire += Array((text + "\r\n" + body).utf8)
    }

    private mutating func addChunks(_ id: String, _ dice: Dice) {
        let fields = ["Content-Type: text/plain", "Transfer-Encoding: chunked"]
        add("POST /send/x", id, fields, status: 200)
        for _ in 0..<dice.number(in: 0...5) {
            let size = dice.number(in: 1...3_000)
            let text =
                String(size, radix: 16) + "\r\n" + String(repeating: "c", count: size) + "\r\n"
            wire += Array(text.utf8)
        }
        wire += Array("0\r\n\r\n".utf8)
    }

    /// Anything that the grammar allows, and now and then what it does not.
    private mutating func addMade(_ id: String, _ dice: Dice) {
        var maker = RequestMaker(seed: dice.random.next())
        let made = maker.make()
        let head = Array(made.wire[..<made.headSize])
        wire += dice.oneIn(2) ? maker.mutate(head) : head
        switch made.framing {
        case .length(let length): wire += [UInt8](repeating: 0x64, count: length)
        case .chunked: wire += Array("4\r\nfour\r\n0\r\n\r\n".utf8)
        case .none, .untilClose: break
        }
    }
}
