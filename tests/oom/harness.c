#include "harness.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
    size_t live;
    size_t calls; /* since it was armed */
    size_t fail_at;
    bool forever;
    size_t failures;
} memory;

static bool refuses(void)
{
    memory.calls++;
    if (memory.fail_at == 0 || memory.calls < memory.fail_at)
        return false;
    if (memory.calls > memory.fail_at && !memory.forever)
        return false;
    memory.failures++;
    return true;
}

static void *oom_allocate(size_t size, void *user)
{
    (void)user;
    void *pointer = refuses() ? NULL : malloc(size);

    if (pointer) {
        /* Memory that is not zero: nothing may count on a fresh page. */
        memset(pointer, 0xA5, size);
        memory.live++;
    }
    return pointer;
}

static void *oom_reallocate(void *pointer, size_t size, void *user)
{
    (void)user;
    if (refuses())
        return NULL;

    void *moved = realloc(pointer, size);
    if (moved && !pointer)
        memory.live++;
    return moved;
}

static void oom_release(void *pointer, void *user)
{
    (void)user;
    if (pointer) {
        memory.live--;
        free(pointer);
    }
}

static void arm(size_t fail_at, bool forever)
{
    memory.calls = 0;
    memory.failures = 0;
    memory.fail_at = fail_at;
    memory.forever = forever;
}

static size_t faults;
static const char *scene_name = "";
static size_t current_k;
static bool current_forever;

void expect(int holds, const char *what)
{
    if (holds)
        return;
    faults++;
    if (faults <= 40)
        printf("FAULT %s, allocation %zu failing %s: %s\n", scene_name, current_k,
               current_forever ? "from then on" : "once", what);
}

static const struct trnnsf_allocator failing = {.struct_size = sizeof failing,
                                                .allocate = oom_allocate,
                                                .reallocate = oom_reallocate,
                                                .release = oom_release};

static void open_stage(struct stage *s, const struct scene *scene, const char *folder)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;

    memset(s, 0, sizeof *s);
    snprintf(s->folder, sizeof s->folder, "%s", folder);
    s->method = scene->method ? scene->method : "transform";
    s->variant = scene->variant ? scene->variant : "corrected";
    options.threads = 2;
    options.allocator = &failing;
    arm(0, false);
    expect(trnnsf_context_create(&options, &s->ctx) == TRNNSF_OK, "no context");
    stage_set(s, scene->needs);
}

static void check_outcome(struct stage *s, trnnsf_status status, double wanted)
{
    if (memory.failures == 0 || status == TRNNSF_OK) {
        expect(status == TRNNSF_OK, trnnsf_context_error(s->ctx));
        expect(s->result == wanted, "it succeeds, with another result");
    } else {
        expect(status == TRNNSF_E_NO_MEMORY, trnnsf_status_name(status));
        expect(trnnsf_context_error(s->ctx)[0] != '\0', "no text of the failure");
    }
}

/* Whether the k-th allocation was reached. */
static bool play(const struct scene *scene, const char *folder, size_t k, bool forever,
                 double wanted)
{
    struct stage s;
    size_t failures;

    current_k = k;
    current_forever = forever;
    open_stage(&s, scene, folder);
    arm(k, forever);
    trnnsf_status status = scene->act(&s);
    failures = memory.failures;
    check_outcome(&s, status, wanted);
    arm(0, false);
    if (failures > 0)
        expect(scene->act(&s) == TRNNSF_OK, "the objects are not usable afterwards");
    stage_clear(&s);
    expect(memory.live == 0, "memory is left");
    memory.live = 0;
    return failures > 0;
}

/* Allocations of a play without failure, and its result. */
static size_t rehearse(const struct scene *scene, const char *folder, double *result)
{
    struct stage s;

    current_k = 0;
    open_stage(&s, scene, folder);
    arm(0, false);
    trnnsf_status status = scene->act(&s);
    size_t calls = memory.calls;
    *result = s.result;
    /* A reader finds no file where the writer lacks its library. */
    bool missing =
        scene->needs & NEED_FILES && (status == TRNNSF_E_IO || status == TRNNSF_E_NOT_FOUND);
    if (missing)
        missing =
            trnnsf_network_save(s.ctx, s.network, stage_path(&s, "none")) == TRNNSF_E_UNSUPPORTED ||
            trnnsf_schedule_save(s.ctx, s.schedule, stage_path(&s, "none")) == TRNNSF_E_UNSUPPORTED;
    if (status == TRNNSF_E_UNSUPPORTED || missing) {
        printf("  %s: skipped, %s\n", scene->name, trnnsf_context_error(s.ctx));
        calls = SIZE_MAX;
    } else {
        expect(status == TRNNSF_OK, trnnsf_context_error(s.ctx));
    }
    stage_clear(&s);
    expect(memory.live == 0, "memory is left without any failure");
    memory.live = 0;
    return calls;
}

/* All of the first fifty allocations, then about a hundred spread over the rest and the last ones.
 * Where TRNNSF_TEST_BRIEF is set, for memory checkers, a fraction of these. */
static size_t next_k(size_t k, size_t calls)
{
    bool brief = getenv("TRNNSF_TEST_BRIEF") != NULL;
    size_t stride = calls / (brief ? 20 : 100), last = brief && stride > 5 ? stride / 5 : 1;

    if (k < (brief ? 20 : 50) || stride <= 1)
        return k + 1;
    return k + stride >= calls ? k + last : k + stride;
}

static void run_scene(const struct scene *scene, const char *folder)
{
    double result;
    size_t plays = 0;

    scene_name = scene->name;
    size_t calls = rehearse(scene, folder, &result);
    if (calls == SIZE_MAX)
        return;
    for (int forever = 0; forever < 2; forever++) {
        size_t k = 1;

        for (; play(scene, folder, k, forever, result); k = next_k(k, calls))
            plays++;
        expect(k > calls, "a clean play allocates less often than the rehearsal did");
    }
    printf("  %s: %zu allocations, %zu plays\n", scene->name, calls, plays);
}

static const struct {
    const char *name;
    const struct scene *scenes;
} groups[] = {{"data", data_scenes},   {"network", network_scenes}, {"cluster", cluster_scenes},
              {"map", map_scenes},     {"train", train_scenes},     {"report", report_scenes},
              {"wires", wires_scenes}, {"analog", analog_scenes},   {"spiking", spiking_scenes},
              {"tile", tile_scenes},   {"graph", graph_scenes},     {"nir", nir_scenes},
              {"onnx", onnx_scenes}};

int main(int argc, char **argv)
{
    const char *temporary = getenv("TMPDIR");
    char folder[64];
    size_t scenes = 0;

    snprintf(folder, sizeof folder, "%.40s/oom-XXXXXX", temporary ? temporary : "/tmp");
    if (!mkdtemp(folder))
        return EXIT_FAILURE;
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        for (const struct scene *scene = groups[i].scenes; scene->name; scene++)
            if (argc < 2 || strcmp(argv[1], groups[i].name) == 0 ||
                strcmp(argv[1], scene->name) == 0) {
                run_scene(scene, folder);
                scenes++;
            }
    stage_remove_files(folder);
    rmdir(folder);
    printf("%zu scenes, %zu faults\n", scenes, faults);
    return faults || scenes == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
