#pragma once
#include <stddef.h>
#include <stdint.h>

// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `size` bytes, going on from `crc`, which is 0 at
// the start and the result of the bytes before otherwise.
uint32_t checksum_crc32c(uint32_t crc, const void *bytes, size_t size);

// The same by tables, as on a processor without an instruction for it.
uint32_t checksum_crc32c_table(uint32_t crc, const void *bytes, size_t size);

// Whether `checksum_crc32c` has an instruction to work with.
int checksum_crc32c_is_hardware(void);
