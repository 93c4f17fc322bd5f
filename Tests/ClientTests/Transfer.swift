// One easy handle of libcurl: it keeps its connection from one request to the next.

import CCurl
import Glibc

/// What a transfer sends as its body, piece by piece.
enum Upload {
    case none
    case bytes([UInt8])
    /// These bytes, and then nothing more for ever.
    case stall(after: [UInt8])
    /// These bytes, and then the client gives up.
    case abort(after: [UInt8])
    /// One byte every tenth of a second.
    case trickle
}

/// What came back.
struct Answer {
    var result = CURLE_OK
    var status = 0
    /// How many connections had to be made for it.
    var connections = 0
    var uploaded = 0
    var head = ""
    var body: [UInt8] = []

    var text: String { String(decoding: body, as: UTF8.self) }

    /// Whether the head, in lower case and with interim answers, has this in it.
    func headHas(_ part: String) -> Bool { head.lowercased().contains(part) }
}

@safe final class Transfer {
    let easy: UnsafeMutableRawPointer
    private var lines: UnsafeMutablePointer<curl_slist>?
    private var answer = Answer()
    private var left: ArraySlice<UInt8> = []
    private var upload = Upload.none
    private var bodyMax = Int.max

    /// libcurl must be set up once, before there are threads that use it.
    private static let isSetUp: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init(_ url: String, _ fields: String...) {
        precondition(Self.isSetUp, "libcurl is set up")
        guard let easy = unsafe curl_easy_init() else { preconditionFailure("no easy handle") }
        unsafe self.easy = easy
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_TIMEOUT_MS, 20_000)
        unsafe ccurl_set_string(easy, CURLOPT_NOPROXY, "*")
        receive()
        go(to: url)
        use(fields)
    }

    deinit {
        unsafe curl_easy_cleanup(easy)
        unsafe curl_slist_free_all(lines)
    }

    func go(to url: String) {
        unsafe ccurl_set_string(easy, CURLOPT_URL, url)
    }

    func set(_ option: CURLoption, _ value: Int) {
        unsafe ccurl_set_long(easy, option, value)
    }

    func set(_ option: CURLoption, _ value: String) {
        unsafe ccurl_set_string(easy, option, value)
    }

    /// Sends these header lines beside, or instead of, those that libcurl sends by itself.
    func use(_ fields: [String]) {
        unsafe curl_slist_free_all(lines)
        unsafe lines = nil
        for field in fields { unsafe lines = curl_slist_append(lines, field) }
        unsafe ccurl_set_list(easy, CURLOPT_HTTPHEADER, lines)
    }

    /// Sends a body with `method`; `size` nil means chunks.
    func send(_ upload: Upload, size: Int?, method: String = "GET") {
        self.upload = upload
        let owner = unsafe Unmanaged.passUnretained(self).toOpaque()
        set(CURLOPT_UPLOAD, 1)
        set(CURLOPT_CUSTOMREQUEST, method)
        unsafe ccurl_set_size(easy, CURLOPT_INFILESIZE_LARGE, curl_off_t(size ?? -1))
        unsafe ccurl_set_transfer(easy, CURLOPT_READFUNCTION) { bytes, size, count, owner in
            guard let bytes = unsafe bytes, let owner = unsafe owner else { return 0 }
            return unsafe transfer(owner).give(to: bytes, room: size * count)
        }
        unsafe ccurl_set_pointer(easy, CURLOPT_READDATA, owner)
    }

    /// Gives up on an answer after this many bytes of its body.
    func giveUp(after bytes: Int) { bodyMax = bytes }

    /// Runs the transfer to its end on this thread.
    func perform() -> Answer {
        begin()
        let result = unsafe curl_easy_perform(easy)
        return end(result)
    }

    func begin() {
        answer = Answer()
        switch upload {
        case .none, .trickle: left = []
        case .bytes(let bytes), .stall(let bytes), .abort(let bytes): left = bytes[...]
        }
    }

    func end(_ result: CURLcode) -> Answer {
        answer.result = result
        answer.status = number(CURLINFO_RESPONSE_CODE)
        answer.connections = number(CURLINFO_NUM_CONNECTS)
        var uploaded: curl_off_t = 0
        unsafe ccurl_get_size(easy, CURLINFO_SIZE_UPLOAD_T, &uploaded)
        answer.uploaded = Int(uploaded)
        return answer
    }

    private func number(_ info: CURLINFO) -> Int {
        var value = 0
        unsafe ccurl_get_long(easy, info, &value)
        return value
    }

    private func receive() {
        let owner = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe ccurl_set_transfer(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, owner in
            guard let bytes = unsafe bytes, let owner = unsafe owner else { return 0 }
            return unsafe transfer(owner).take(body: bytes, count: size * count)
        }
        unsafe ccurl_set_pointer(easy, CURLOPT_WRITEDATA, owner)
        unsafe ccurl_set_transfer(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, owner in
            guard let bytes = unsafe bytes, let owner = unsafe owner else { return 0 }
            return unsafe transfer(owner).take(head: bytes, count: size * count)
        }
        unsafe ccurl_set_pointer(easy, CURLOPT_HEADERDATA, owner)
    }

    private func take(body bytes: UnsafeMutablePointer<CChar>, count: Int) -> Int {
        answer.body += unsafe copied(bytes, count)
        // Any other number than what came makes libcurl give up.
        return answer.body.count > bodyMax ? 0 : count
    }

    private func take(head bytes: UnsafeMutablePointer<CChar>, count: Int) -> Int {
        answer.head += String(decoding: unsafe copied(bytes, count), as: UTF8.self)
        return count
    }

    private func give(to bytes: UnsafeMutablePointer<CChar>, room: Int) -> Int {
        let piece = left.prefix(room)
        left = left.dropFirst(piece.count)
        for (place, byte) in piece.enumerated() {
            unsafe bytes[place] = CChar(bitPattern: byte)
        }
        if !piece.isEmpty { return piece.count }
        switch upload {
        case .none, .bytes: return 0
        case .stall: return Int(CURL_READFUNC_PAUSE)
        case .abort: return Int(CURL_READFUNC_ABORT)
        case .trickle:
            usleep(100_000)
            unsafe bytes[0] = 98
            return 1
        }
    }
}

private func transfer(_ owner: UnsafeMutableRawPointer) -> Transfer {
    unsafe Unmanaged<Transfer>.fromOpaque(owner).takeUnretainedValue()
}

private func copied(_ bytes: UnsafeMutablePointer<CChar>, _ count: Int) -> [UInt8] {
    (0..<count).map { unsafe UInt8(bitPattern: bytes[$0]) }
}
