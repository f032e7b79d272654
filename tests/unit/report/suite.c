/* report: look-up, JSON, connectivity orders, figures, on made-up reports; plots. */
#include "suite.h"

#include <stdlib.h>

int main(void)
{
    Suite *suite = suite_create("report");

    suite_add_tcase(suite, report_tests());
    suite_add_tcase(suite, connectivity_tests());
    suite_add_tcase(suite, figure_tests());
    suite_add_tcase(suite, plot_tests());
    suite_add_tcase(suite, plot_drawing_tests());

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
