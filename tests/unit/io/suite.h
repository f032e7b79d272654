/* What the tests of io/ share: a context, a folder of their own, looking at failures. */
#ifndef TRN_TEST_IO_SUITE_H
#define TRN_TEST_IO_SUITE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/context.h"

extern trnnsf_context *ctx;

/* The call's status, and a part of the error text. */
#define EXPECT(call, wanted, fragment)                                                             \
    do {                                                                                           \
        trnnsf_status expect_status = (call);                                                      \
        ck_assert_msg(expect_status == (wanted), "status %s, not %s: %s",                          \
                      trnnsf_status_name(expect_status), trnnsf_status_name(wanted),               \
                      trnnsf_context_error(ctx));                                                  \
        ck_assert_msg(strstr(trnnsf_context_error(ctx), (fragment)) != NULL,                       \
                      "'%s' is not in the error '%s'", (fragment), trnnsf_context_error(ctx));     \
    } while (0)

#define EXPECT_OK(call)                                                                            \
    do {                                                                                           \
        trnnsf_status expect_status = (call);                                                      \
        ck_assert_msg(expect_status == TRNNSF_OK, "%s: %s", trnnsf_status_name(expect_status),     \
                      trnnsf_context_error(ctx));                                                  \
    } while (0)

/* The path of a name in the test's folder, which is removed afterwards. Ten last results live. */
const char *in_folder(const char *name);
const char *folder(void);
void write_bytes(const char *name, const void *bytes, size_t size);
uint8_t *read_bytes(const char *path, size_t *out_size);
size_t files_in_folder(void);

/* In network.c: files of a network with random bytes load or fail, and nothing else. */
struct trnnsf_network;
void load_damaged(const struct trnnsf_network *network, uint64_t seed);

void setup(void);
void teardown(void);

TCase *file_tests(void);
TCase *stream_tests(void);
TCase *format_tests(void);
TCase *dataset_tests(void);
TCase *matrix_tests(void);
TCase *safetensors_tests(void);
TCase *network_tests(void);
TCase *network_graph_tests(void);
TCase *mapping_tests(void);
TCase *onnx_tests(void);

#endif
