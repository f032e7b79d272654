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

static inline uint16_t trn_u16_little(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
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

/* Copies elements of `width` bytes, each reversed. */
static inline void trn_copy_reversed(uint8_t *to, const uint8_t *from, size_t count, size_t width)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < width; j++)
            to[i * width + j] = from[i * width + width - 1 - j];
    }
}

/* Copies little-endian elements to the machine's order, or back. */
static inline void trn_copy_little(void *to, const void *from, size_t count, size_t width)
{
    if (count == 0)
        return;
    if (width == 1 || trn_machine_is_little())
        memcpy(to, from, count * width);
    else
        trn_copy_reversed(to, from, count, width);
}

#endif
