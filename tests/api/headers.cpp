// The library from C++: every header, handles, option structs with their _INIT macros, enums, the
// status list, a callback, and one object made and asked.
#include <trnnsf/trnnsf.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace
{

int failures = 0;

void expect(bool holds, const char *what)
{
    if (!holds) {
        std::printf("FAULT %s\n", what);
        failures++;
    }
}

int stop_never(const struct trnnsf_progress *, void *user)
{
    ++*static_cast<int *>(user);
    return 0;
}

void statuses()
{
#define NAME_OF(number, name, text)                                                                \
    expect(std::strcmp(trnnsf_status_name(TRNNSF_##name), "TRNNSF_" #name) == 0, #name);           \
    expect(std::strcmp(trnnsf_status_text(TRNNSF_##name), text) == 0, #name " text");
    TRNNSF_STATUS_LIST(NAME_OF)
#undef NAME_OF
}

void matrix(trnnsf_context *context)
{
    const float values[] = {1.0f, 0.0f, 2.0f, 0.0f, 0.0f, 3.0f};
    trnnsf_matrix *matrix = nullptr;

    expect(trnnsf_matrix_from_dense(context, 2, 3, values, &matrix) == TRNNSF_OK, "from_dense");
    expect(trnnsf_matrix_rows(matrix) == 2, "rows");
    expect(trnnsf_matrix_columns(matrix) == 3, "columns");
    expect(trnnsf_matrix_nonzeros(matrix) == 3, "nonzeros");
    trnnsf_matrix_free(matrix);
}

} // namespace

int main()
{
    int calls = 0;
    trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    trnnsf_cluster_options cluster = TRNNSF_CLUSTER_OPTIONS_INIT;
    trnnsf_dataset_options dataset = TRNNSF_DATASET_OPTIONS_INIT;
    trnnsf_map_options map = TRNNSF_MAP_OPTIONS_INIT;
    trnnsf_network_options network = TRNNSF_NETWORK_OPTIONS_INIT;
    trnnsf_pack_options pack = TRNNSF_PACK_OPTIONS_INIT;
    trnnsf_search_options search = TRNNSF_SEARCH_OPTIONS_INIT;
    trnnsf_trainer_options trainer = TRNNSF_TRAINER_OPTIONS_INIT;
    trnnsf_context *context = nullptr;

    expect(cluster.struct_size == sizeof cluster && dataset.struct_size == sizeof dataset &&
               map.struct_size == sizeof map && network.struct_size == sizeof network &&
               pack.struct_size == sizeof pack && search.struct_size == sizeof search &&
               trainer.struct_size == sizeof trainer,
           "struct_size of the _INIT macros");
    options.threads = 2;
    options.progress = stop_never;
    options.progress_user = &calls;
    expect(trnnsf_context_create(&options, &context) == TRNNSF_OK, "context");
    expect(trnnsf_context_threads(context) == 2, "threads");
    statuses();
    matrix(context);
    trnnsf_context_free(context);
    if (failures == 0)
        std::printf("the headers and the library serve C++\n");
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
