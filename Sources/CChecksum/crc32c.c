// CRC-32C by the processor's own instruction where it has one, and by tables where not.
//
// The instruction takes three cycles and one can start in each, so large input is cut in three
// blocks that are summed side by side. Carrying a sum over the blocks behind it is one
// multiplication without carries.

#include "CChecksum.h"
#include <string.h>

typedef uint32_t (*crc32c_function)(uint32_t crc, const uint8_t *bytes, size_t size);

// The polynomial, lowest power in the highest bit.
#define POLYNOMIAL 0x82F63B78u

// tables[k][b] is the sum of the byte b with k zeros behind it.
static uint32_t tables[8][256];

static inline uint64_t load64(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

static uint32_t by_table(uint32_t crc, const uint8_t *bytes, size_t size) {
    for (; size >= 8; bytes += 8, size -= 8) {
        uint32_t low = crc ^ ((uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 |
                              (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24);
        crc = tables[7][low & 255] ^ tables[6][low >> 8 & 255] ^ tables[5][low >> 16 & 255] ^
              tables[4][low >> 24] ^ tables[3][bytes[4]] ^ tables[2][bytes[5]] ^
              tables[1][bytes[6]] ^ tables[0][bytes[7]];
    }
    for (; size > 0; bytes++, size--) crc = crc >> 8 ^ tables[0][(crc ^ *bytes) & 255];
    return crc;
}

#if defined(__x86_64__)

#include <immintrin.h>

#define HARDWARE __attribute__((target("sse4.2,pclmul")))
#define CRC8(crc, byte) ((uint32_t)__builtin_ia32_crc32qi((crc), (byte)))
#define CRC64(crc, word) ((uint32_t)__builtin_ia32_crc32di((crc), (word)))

static int has_hardware(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul");
}

// What `crc` becomes with zeros behind it; `power` is x^(8 * zeros - 33).
HARDWARE static inline uint32_t carried(uint32_t crc, uint32_t power) {
    __m128i product = _mm_clmulepi64_si128(_mm_cvtsi32_si128((int)crc),
                                           _mm_cvtsi32_si128((int)power), 0);
    return CRC64(0, (uint64_t)_mm_cvtsi128_si64(product));
}

#elif defined(__aarch64__)

#include <arm_acle.h>
#include <arm_neon.h>
#include <sys/auxv.h>

#define HARDWARE __attribute__((target("crc,aes")))
#define CRC8(crc, byte) __crc32cb((crc), (byte))
#define CRC64(crc, word) __crc32cd((crc), (word))

static int has_hardware(void) {
    const unsigned long pmull = 1ul << 4, crc32 = 1ul << 7;
    return (getauxval(AT_HWCAP) & (pmull | crc32)) == (pmull | crc32);
}

HARDWARE static inline uint32_t carried(uint32_t crc, uint32_t power) {
    return CRC64(0, vgetq_lane_u64(vreinterpretq_u64_p128(vmull_p64(crc, power)), 0));
}

#endif

#if defined(HARDWARE)

enum { LONG_BLOCK = 2048, SHORT_BLOCK = 128 };
static const uint32_t LONG_POWER = 0xA51B6135, SHORT_POWER = 0x0D3B6092;

HARDWARE static inline uint32_t three_blocks(uint32_t crc, const uint8_t *bytes, size_t block,
                                             uint32_t power) {
    uint32_t second = 0, third = 0;
    for (size_t at = 0; at < block; at += 8) {
        crc = CRC64(crc, load64(bytes + at));
        second = CRC64(second, load64(bytes + block + at));
        third = CRC64(third, load64(bytes + 2 * block + at));
    }
    return carried(carried(crc, power) ^ second, power) ^ third;
}

HARDWARE static uint32_t by_hardware(uint32_t crc, const uint8_t *bytes, size_t size) {
    for (; size >= 3 * LONG_BLOCK; bytes += 3 * LONG_BLOCK, size -= 3 * LONG_BLOCK)
        crc = three_blocks(crc, bytes, LONG_BLOCK, LONG_POWER);
    for (; size >= 3 * SHORT_BLOCK; bytes += 3 * SHORT_BLOCK, size -= 3 * SHORT_BLOCK)
        crc = three_blocks(crc, bytes, SHORT_BLOCK, SHORT_POWER);
    for (; size >= 8; bytes += 8, size -= 8) crc = CRC64(crc, load64(bytes));
    for (; size > 0; bytes++, size--) crc = CRC8(crc, *bytes);
    return crc;
}

#endif

static crc32c_function chosen = by_table;

// Before any thread is there to see it half done.
__attribute__((constructor)) static void prepare(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
        tables[0][byte] = crc;
    }
    for (int zeros = 1; zeros < 8; zeros++)
        for (int byte = 0; byte < 256; byte++) {
            uint32_t before = tables[zeros - 1][byte];
            tables[zeros][byte] = before >> 8 ^ tables[0][before & 255];
        }
#if defined(HARDWARE)
    if (has_hardware()) chosen = by_hardware;
#endif
}

uint32_t checksum_crc32c(uint32_t crc, const void *bytes, size_t size) {
    return ~chosen(~crc, bytes, size);
}

uint32_t checksum_crc32c_table(uint32_t crc, const void *bytes, size_t size) {
    return ~by_table(~crc, bytes, size);
}

int checksum_crc32c_is_hardware(void) { return chosen != by_table; }
