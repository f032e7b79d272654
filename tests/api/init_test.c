/* Each option struct: its _INIT macro and its _init function give the same bytes, struct_size first,
 * and _init(NULL) does nothing. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <trnnsf/trnnsf.h>

#define SAME(noun, MACRO)                                                                          \
    START_TEST(noun)                                                                               \
    {                                                                                              \
        static const struct trnnsf_##noun##_options from_macro = TRNNSF_##MACRO##_OPTIONS_INIT;    \
        struct trnnsf_##noun##_options from_function;                                              \
                                                                                                   \
        memset(&from_function, 0, sizeof from_function);                                           \
        trnnsf_##noun##_options_init(NULL);                                                        \
        trnnsf_##noun##_options_init(&from_function);                                              \
        ck_assert_uint_eq(from_function.struct_size, sizeof from_function);                        \
        ck_assert_mem_eq(&from_function, &from_macro, sizeof from_function);                       \
    }                                                                                              \
    END_TEST

SAME(analog, ANALOG)
SAME(analog_study, ANALOG_STUDY)
SAME(cluster, CLUSTER)
SAME(context, CONTEXT)
SAME(dataset, DATASET)
SAME(decompose, DECOMPOSE)
SAME(map, MAP)
SAME(network, NETWORK)
SAME(nir_export, NIR_EXPORT)
SAME(nir_import, NIR_IMPORT)
SAME(node, NODE)
SAME(onnx, ONNX)
SAME(pack, PACK)
SAME(plot, PLOT)
SAME(plot_histogram, PLOT_HISTOGRAM)
SAME(plot_lines, PLOT_LINES)
SAME(plot_map, PLOT_MAP)
SAME(quantise, QUANTISE)
SAME(remap, REMAP)
SAME(reorder, REORDER)
SAME(search, SEARCH)
SAME(spike_run, SPIKE_RUN)
SAME(spiking, SPIKING)
SAME(tech_measurements, TECH_MEASUREMENTS)
SAME(tile_map, TILE_MAP)
SAME(tile_placement, TILE_PLACEMENT)
SAME(trainer, TRAINER)
SAME(wires, WIRES)

int main(void)
{
    Suite *suite = suite_create("option structs");
    TCase *tests = tcase_create("init");

    tcase_add_test(tests, analog);
    tcase_add_test(tests, analog_study);
    tcase_add_test(tests, cluster);
    tcase_add_test(tests, context);
    tcase_add_test(tests, dataset);
    tcase_add_test(tests, decompose);
    tcase_add_test(tests, map);
    tcase_add_test(tests, network);
    tcase_add_test(tests, nir_export);
    tcase_add_test(tests, nir_import);
    tcase_add_test(tests, node);
    tcase_add_test(tests, onnx);
    tcase_add_test(tests, pack);
    tcase_add_test(tests, plot);
    tcase_add_test(tests, plot_histogram);
    tcase_add_test(tests, plot_lines);
    tcase_add_test(tests, plot_map);
    tcase_add_test(tests, quantise);
    tcase_add_test(tests, remap);
    tcase_add_test(tests, reorder);
    tcase_add_test(tests, search);
    tcase_add_test(tests, spike_run);
    tcase_add_test(tests, spiking);
    tcase_add_test(tests, tech_measurements);
    tcase_add_test(tests, tile_map);
    tcase_add_test(tests, tile_placement);
    tcase_add_test(tests, trainer);
    tcase_add_test(tests, wires);
    suite_add_tcase(suite, tests);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
