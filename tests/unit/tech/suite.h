/* What the tests of tech/ share. */
#ifndef TRN_TEST_TECH_SUITE_H
#define TRN_TEST_TECH_SUITE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/context.h"
#include "tech/tech.h"

extern trnnsf_context *ctx;

#define EXPECT_OK(call)                                                                            \
    do {                                                                                           \
        trnnsf_status expect_status = (call);                                                      \
        ck_assert_msg(expect_status == TRNNSF_OK, "%s: %s", trnnsf_status_name(expect_status),     \
                      trnnsf_context_error(ctx));                                                  \
    } while (0)

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

void setup(void);
void teardown(void);
trnnsf_tech *preset(const char *name);
double value(const trnnsf_tech *tech, const char *key);
/* A file of the test's folder, which goes with teardown_files(). Ten last paths live. */
const char *in_folder(const char *name);
void write_text(const char *name, const char *text);
void setup_files(void);
void teardown_files(void);

TCase *agreement_tests(void);
TCase *like_tests(void);
TCase *measurement_tests(void);
TCase *preset_tests(void);

#endif
