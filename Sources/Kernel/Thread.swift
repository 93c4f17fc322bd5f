import CLinux
import Glibc

/// Threads are started here and nowhere else.
package enum Thread {
    /// What a new thread gets through its one pointer.
    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Runs `body` on a thread of its own, which ends with it.
    ///
    /// `body` builds everything it owns inside: what a thread owns never leaves it.
    package static func start(
        _ name: String, _ body: @escaping @Sendable () -> Void
    ) throws(KernelError) {
        var thread = pthread_t()
        let start = unsafe Unmanaged.passRetained(Start(name: name, body: body))
        let code = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                _ = unsafe pthread_setname_np(pthread_self(), start.name)
                start.body()
                return nil
            }, start.toOpaque())
        if code != 0 {
            unsafe start.release()
            throw KernelError(call: "pthread_create", code: code)
        }
        _ = pthread_detach(thread)
    }
}
