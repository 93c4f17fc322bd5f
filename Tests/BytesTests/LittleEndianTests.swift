import Testing

@testable import Bytes

@Suite("Little-endian numbers")
struct LittleEndianTests {
    @Test("What is appended or set is read again")
    func roundTrip() {
        var bytes: [UInt8] = [0xAA]
        bytes.append(littleEndian: UInt8(0x01))
        bytes.append(littleEndian: UInt16(0x0302))
        bytes.append(littleEndian: UInt32(0x0706_0504))
        bytes.append(littleEndian: UInt64(0x0F0E_0D0C_0B0A_0908))
        #expect(bytes == [0xAA] + Array(1...15))
        #expect(bytes.span.uint16(at: 2) == 0x0302)
        #expect(bytes.span.uint32(at: 4) == 0x0706_0504)
        #expect(bytes.span.uint64(at: 8) == 0x0F0E_0D0C_0B0A_0908)
        bytes.set(littleEndian: UInt64.max - 1, at: 8)
        bytes.set(littleEndian: UInt16(0x1234), at: 0)
        #expect(bytes.span.uint64(at: 8) == UInt64.max - 1)
        #expect(bytes.prefix(3) == [0x34, 0x12, 0x02])
    }

    @Test("Spans that are filled or changed have the same order")
    func spans() {
        var bytes = [UInt8](capacity: 6) { span in
            span.append(littleEndian: UInt16(0x0201))
            span.append(littleEndian: UInt32(0x0605_0403))
        }
        #expect(bytes == Array(1...6))
        var span = bytes.mutableSpan
        span.set(littleEndian: UInt32(0x0A09_0807), at: 1)
        #expect(bytes == [1, 7, 8, 9, 10, 6])
    }
}
