// A multi handle of libcurl: transfers side by side on one thread.

import CCurl

struct TransferGroup {
    /// The most connections to one server; libcurl queues what does not fit.
    var connectionsMax: Int

    /// Runs all transfers to their ends; the answers are in the order of the transfers.
    func perform(_ transfers: [Transfer]) -> [Answer] {
        guard let multi = unsafe curl_multi_init() else { preconditionFailure("no multi handle") }
        defer { unsafe curl_multi_cleanup(multi) }
        unsafe ccurl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, connectionsMax)
        for transfer in transfers {
            transfer.begin()
            unsafe curl_multi_add_handle(multi, transfer.easy)
        }
        var running: Int32 = 0
        unsafe curl_multi_perform(multi, &running)
        while running > 0 {
            unsafe curl_multi_poll(multi, nil, 0, 1000, nil)
            unsafe curl_multi_perform(multi, &running)
        }
        var results: [UnsafeMutableRawPointer: CURLcode] = unsafe [:]
        var result = CURLE_OK
        while let easy = unsafe ccurl_multi_finished(multi, &result) {
            unsafe results[easy] = result
        }
        return transfers.map { transfer in
            unsafe curl_multi_remove_handle(multi, transfer.easy)
            return unsafe transfer.end(results[transfer.easy] ?? CURLE_AGAIN)
        }
    }
}
