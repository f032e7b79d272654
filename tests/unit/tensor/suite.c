/* tensor/ */
#include "common.h"

int main(void)
{
    Suite *suite = suite_create("tensor");
    SRunner *runner;
    int failed;

    suite_add_tcase(suite, mask_tests());
    suite_add_tcase(suite, sparse_tests());
    suite_add_tcase(suite, matrix_tests());
    suite_add_tcase(suite, blocks_tests());
    suite_add_tcase(suite, gemm_tests());
    suite_add_tcase(suite, winograd_tests());
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
