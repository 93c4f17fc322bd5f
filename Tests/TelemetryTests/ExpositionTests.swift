import Testing

@testable import Telemetry

@Suite("The metrics page")
struct ExpositionTests {
    @Test("A family is announced once and its samples follow")
    func families() {
        var page = Exposition()
        page.family("posthorn_http_requests_total", .counter, "Requests that were answered.")
        page.sample(UInt64(7), ["route": "publish", "status": "2xx"])
        page.sample(UInt64.max, ["route": "other", "status": "4xx"])
        page.family("posthorn_connections", .gauge, "Open \\ connections\nand more.")
        page.sample(Int64(-3))
        page.family("posthorn_busy_seconds_total", .counter, "Time in turns.")
        page.sample(nanoseconds: 1_250_000_000)
        #expect(
            String(decoding: page.finish(), as: UTF8.self) == #"""
                # HELP posthorn_http_requests_total Requests that were answered.
                # TYPE posthorn_http_requests_total counter
                posthorn_http_requests_total{route="publish",status="2xx"} 7
                posthorn_http_requests_total{route="other",status="4xx"} 18446744073709551615
                # HELP posthorn_connections Open \\ connections\nand more.
                # TYPE posthorn_connections gauge
                posthorn_connections -3
                # HELP posthorn_busy_seconds_total Time in turns.
                # TYPE posthorn_busy_seconds_total counter
                posthorn_busy_seconds_total 1.25

                """#)
    }

    @Test("A histogram is cumulative, ends in +Inf and agrees with its count")
    func histogram() {
        let bounds = HistogramBounds(microseconds: [100, 2_500_000, 10_000_000])
        let histogram = Histogram(bounds)
        for value: UInt64 in [1, 200_000, 200_000, 60_000_000_000] {
            histogram.record(nanoseconds: value)
        }
        var sum = HistogramSum(bounds)
        sum.add(histogram)
        var page = Exposition()
        page.family("posthorn_wait_seconds", .histogram, "Waits.")
        page.samples(sum, ["route": "pull"])
        page.family("posthorn_turn_seconds", .histogram, "Turns.")
        page.samples(HistogramSum(HistogramBounds(microseconds: [1])))
        #expect(
            String(decoding: page.finish(), as: UTF8.self) == """
                # HELP posthorn_wait_seconds Waits.
                # TYPE posthorn_wait_seconds histogram
                posthorn_wait_seconds_bucket{route="pull",le="0.0001"} 1
                posthorn_wait_seconds_bucket{route="pull",le="2.5"} 3
                posthorn_wait_seconds_bucket{route="pull",le="10"} 3
                posthorn_wait_seconds_bucket{route="pull",le="+Inf"} 4
                posthorn_wait_seconds_sum{route="pull"} 60.000400001
                posthorn_wait_seconds_count{route="pull"} 4
                # HELP posthorn_turn_seconds Turns.
                # TYPE posthorn_turn_seconds histogram
                posthorn_turn_seconds_bucket{le="0.000001"} 0
                posthorn_turn_seconds_bucket{le="+Inf"} 0
                posthorn_turn_seconds_sum 0
                posthorn_turn_seconds_count 0

                """)
    }

    @Test("A label value cannot end its quotes or its line")
    func labels() {
        var page = Exposition()
        page.family("posthorn_build_info", .gauge, "The build.")
        page.sample(UInt64(1), ["version": "1\"} 5\nevil \\ ü"])
        let text = String(decoding: page.finish(), as: UTF8.self)
        #expect(text.contains(#"posthorn_build_info{version="1\"} 5\nevil \\ ü"} 1"#))
    }
}
