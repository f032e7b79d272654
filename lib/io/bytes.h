/* Numbers in files, whatever the machine's byte order. */
#ifndef TRN_IO_BYTES_H
#define TRN_IO_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t trn_u32_big(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static inline uint32_t trn_u32_little(const uint8_t *bytes)
{
    return (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[1] << 8 | bytes[0];
}

static inline uint64_t trn_u64_little(const uint8_t *bytes)
{
    return (uint64_t)trn_u32_little(bytes + 4) << 32 | trn_u32_little(bytes);
}

static inline void trn_u64_put_little(uint8_t *bytes, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
}

static inline bool trn_machine_is_little(void)
{
    const uint16_t one = 1;
    uint8_t first;

    memcpy(&first, &one, 1);
    return first == 1;
}

/* Reverses the bytes of each element in place. */
static inline void trn_reverse_each(uint8_t *bytes, size_t count, size_t width)
{
    for (size_t i = 0; i < count; i++, bytes += width) {
        for (size_t j = 0; j < width / 2; j++) {
            uint8_t swap = bytes[j];

            bytes[j] = bytes[width - 1 - j];
            bytes[width - 1 - j] = swap;
        }
    }
}

/* Copies little-endian elements to the machine's order, or back. */
static inline void trn_copy_little(void *to, const void *from, size_t count, size_t width)
{
    if (count == 0)
        return;
    memcpy(to, from, count * width);
    if (!trn_machine_is_little())
        trn_reverse_each(to, count, width);
}

#endif
