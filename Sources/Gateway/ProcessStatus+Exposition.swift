import Kernel
import Telemetry

extension ProcessStatus {
    /// Writes what every Prometheus client library writes, under the names that dashboards know.
    func write(to page: inout Exposition) {
        page.family(
            "process_cpu_seconds_total", .counter, "Time on all cores, in the program and for it.")
        page.sample(nanoseconds: cpuNanoseconds)
        if let residentBytes {
            page.family("process_resident_memory_bytes", .gauge, "Memory that is in use.")
            page.sample(residentBytes)
        }
        if let openDescriptors {
            page.family("process_open_fds", .gauge, "Descriptors that are open.")
            page.sample(openDescriptors)
        }
        if let descriptorMax {
            page.family("process_max_fds", .gauge, "Descriptors that may be open at once.")
            page.sample(descriptorMax)
        }
        if let startNanoseconds {
            page.family(
                "process_start_time_seconds", .gauge, "When the process began, since 1970.")
            page.sample(nanoseconds: startNanoseconds)
        }
    }
}
