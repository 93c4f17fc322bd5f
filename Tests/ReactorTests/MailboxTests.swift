import Kernel
import Reactor
import Synchronization
import Testing

struct MailboxTests {
    @Test("What is posted comes out once and in order")
    func order() throws {
        let mailbox = try Mailbox<Int>(limit: 3)
        for number in 1...3 { try mailbox.post(number) }
        #expect(mailbox.drain() == [1, 2, 3])
        #expect(mailbox.drain() == [])
    }

    @Test("A full mailbox refuses, and takes again once it was drained")
    func limit() throws {
        let mailbox = try Mailbox<Int>(limit: 1)
        try mailbox.post(1)
        #expect(throws: MailboxError.full(limit: 1)) { try mailbox.post(2) }
        #expect(mailbox.drain() == [1])
        try mailbox.post(3)
        #expect(mailbox.drain() == [3])
    }

    @Test("A post wakes a loop that sleeps, and nothing of what other threads post is lost")
    func wakes() throws {
        let mailbox = try Mailbox<Int>(limit: 100_000)
        let senders = 4
        let each = 2_000
        for sender in 0..<senders {
            try Thread.start("sender") {
                for number in 0..<each {
                    do {
                        try mailbox.post(sender * each + number)
                    } catch {
                        Issue.record("the mailbox is large enough")
                    }
                }
            }
        }
        var loop = try Loop()
        try loop.register(mailbox)
        var received: [Int] = []
        var events: [Event] = []
        while received.count < senders * each {
            try loop.wait(into: &events, isBusy: false)
            for case .mail in events { received += mailbox.drain() }
        }
        #expect(Set(received) == Set(0..<senders * each))
        for sender in 0..<senders {
            let own = received.filter { $0 / each == sender }
            #expect(own == own.sorted(), "a sender's posts keep their order")
        }
    }
}
