package import Kernel
import Synchronization

package enum MailboxError: Error, Equatable { case full(limit: Int) }

/// The only door between threads: any thread posts, one loop drains.
package final class Mailbox<Message: Sendable>: Sendable {
    private let messages = Mutex<[Message]>([])
    package let bell: Bell
    private let limit: Int

    package init(limit: Int) throws(KernelError) {
        bell = try Bell()
        self.limit = limit
    }

    package func post(_ message: Message) throws(MailboxError) {
        let isFirst = try messages.withLock { queue throws(MailboxError) in
            guard queue.count < limit else { throw .full(limit: limit) }
            queue.append(message)
            return queue.count == 1
        }
        if isFirst { bell.ring() }  // One wake-up covers every post until the next drain.
    }

    /// Whether nothing waits, as of this moment.
    package var isEmpty: Bool { messages.withLock { $0.isEmpty } }

    package func drain() -> [Message] {
        bell.silence()
        return messages.withLock { queue in
            defer { queue.removeAll() }
            return queue
        }
    }
}
