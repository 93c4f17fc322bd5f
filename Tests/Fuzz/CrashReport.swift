import Bytes
import Glibc

/// Says which input was being run when the process traps.
///
/// A signal handler may only touch what was there before, so the text is kept ready in plain memory.
enum CrashReport {
    nonisolated(unsafe) private static var text = UnsafeMutablePointer<UInt8>.allocate(
        capacity: textSizeMax)
    nonisolated(unsafe) private static var textSize = 0
    private static let textSizeMax = 16 << 10

    private static let stackSize = 64 << 10

    static func install() {
        // A stack that is used up has no room for a handler.
        var stack = unsafe stack_t()
        unsafe stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: stackSize, alignment: 16)
        unsafe stack.ss_size = stackSize
        _ = unsafe sigaltstack(&stack, nil)
        var action = sigaction()
        action.sa_flags = SA_ONSTACK
        unsafe action.__sigaction_handler.sa_handler = { _ in
            _ = unsafe write(STDOUT_FILENO, CrashReport.text, CrashReport.textSize)
            _exit(1)
        }
        for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT] {
            _ = unsafe sigaction(number, &action, nil)
        }
    }

    /// Keeps `input` as the one to blame.
    static func note(_ input: [UInt8], target: String, seed: UInt64) {
        unsafe textSize = 0
        for byte in "\(target): trapped, seed \(seed)\ninput ".utf8 { append(byte) }
        for byte in input {
            append(UInt8(hexDigit: byte >> 4))
            append(UInt8(hexDigit: byte & 15))
        }
        append(.lf)
    }

    private static func append(_ byte: UInt8) {
        guard unsafe textSize < textSizeMax else { return }
        unsafe text[textSize] = byte
        unsafe textSize += 1
    }
}

func hex(_ bytes: [UInt8]) -> String {
    let digits = bytes.flatMap { [UInt8(hexDigit: $0 >> 4), UInt8(hexDigit: $0 & 15)] }
    return String(decoding: digits, as: UTF8.self)
}
