/* Every writer with the disk full after n bytes: TRNNSF_E_IO with a text, the file that stood there
 * before is whole, nothing is left beside it, and the object can be saved afterwards. The limit on
 * file sizes plays the full disk. */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness.h"

static size_t faults;

void expect(int holds, const char *what)
{
    if (!holds) {
        printf("FAULT %s\n", what);
        faults++;
    }
}

static void limit_files(rlim_t bytes)
{
    struct rlimit limit = {.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};

    expect(setrlimit(RLIMIT_FSIZE, &limit) == 0, "the limit cannot be set");
}

static trnnsf_status save_network(struct stage *s)
{
    return trnnsf_network_save(s->ctx, s->network, stage_path(s, "saved"));
}

static trnnsf_status save_mapping(struct stage *s)
{
    return trnnsf_mapping_save(s->ctx, s->mapping, stage_path(s, "saved"));
}

static trnnsf_status save_run(struct stage *s)
{
    return trnnsf_run_save(s->ctx, s->run, stage_path(s, "saved"));
}

static trnnsf_status save_schedule(struct stage *s)
{
    return trnnsf_schedule_save(s->ctx, s->schedule, stage_path(s, "saved"));
}

static trnnsf_status save_tech(struct stage *s)
{
    return trnnsf_tech_save(s->ctx, s->tech, stage_path(s, "saved"));
}

static trnnsf_status save_report(struct stage *s)
{
    return trnnsf_report_save(s->ctx, s->report, stage_path(s, "saved"));
}

static trnnsf_status save_matrix(struct stage *s)
{
    return trnnsf_matrix_save(s->ctx, s->matrix, stage_path(s, "saved"));
}

static trnnsf_status draw_svg(struct stage *s)
{
    return trnnsf_report_figure(s->ctx, s->report, stage_path(s, "saved.svg"));
}

static trnnsf_status draw_png(struct stage *s)
{
    return trnnsf_report_figure(s->ctx, s->report, stage_path(s, "saved.png"));
}

static trnnsf_status draw_pdf(struct stage *s)
{
    return trnnsf_report_figure(s->ctx, s->report, stage_path(s, "saved.pdf"));
}

static trnnsf_status draw_plot(struct stage *s)
{
    static const double values[] = {1, 2, 3, 4};
    trnnsf_plot *plot = NULL;
    trnnsf_status status = trnnsf_plot_create(s->ctx, NULL, &plot);

    if (status == TRNNSF_OK)
        status = trnnsf_plot_map(s->ctx, plot, 2, 2, values, NULL);
    if (status == TRNNSF_OK)
        status = trnnsf_plot_save(s->ctx, plot, stage_path(s, "saved.png"));
    trnnsf_plot_free(plot);
    return status;
}

static const struct {
    const char *name;
    const char *file;
    trnnsf_status (*save)(struct stage *stage);
} writers[] = {{"network_save", "saved", save_network}, {"mapping_save", "saved", save_mapping},
               {"run_save", "saved", save_run},         {"schedule_save", "saved", save_schedule},
               {"tech_save", "saved", save_tech},       {"report_save", "saved", save_report},
               {"matrix_save", "saved", save_matrix},   {"figure svg", "saved.svg", draw_svg},
               {"figure png", "saved.png", draw_png},   {"figure pdf", "saved.pdf", draw_pdf},
               {"plot png", "saved.png", draw_plot}};

static size_t count_files(const char *folder)
{
    DIR *directory = opendir(folder);
    size_t count = 0;

    if (!directory)
        return 0;
    for (const struct dirent *entry; (entry = readdir(directory));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(directory);
    return count;
}

static char *read_file(const char *path, size_t *out_size)
{
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(1 << 22);

    *out_size = file && bytes ? fread(bytes, 1, 1 << 22, file) : 0;
    if (file)
        fclose(file);
    return bytes;
}

static void disk_full(struct stage *s, size_t i, rlim_t bytes, const char *before, size_t size)
{
    size_t size_after, files = count_files(s->folder);
    char text[160];

    limit_files(bytes);
    trnnsf_status status = writers[i].save(s);
    limit_files(RLIM_INFINITY);
    snprintf(text, sizeof text, "%s, %zu bytes of %zu: status %s", writers[i].name, (size_t)bytes,
             size, trnnsf_status_name(status));
    expect(status == TRNNSF_E_IO, text);
    expect(status == TRNNSF_OK || trnnsf_context_error(s->ctx)[0] != '\0',
           "no text of the failure");
    expect(count_files(s->folder) == files, "a file is left beside");

    char *after = read_file(stage_path(s, writers[i].file), &size_after);
    expect(size_after == size && memcmp(after, before, size) == 0, "the old file is not whole");
    free(after);
}

static void try_writer(struct stage *s, size_t i)
{
    trnnsf_status status = writers[i].save(s);
    size_t size;

    if (status == TRNNSF_E_UNSUPPORTED) {
        printf("  %s: skipped, %s\n", writers[i].name, trnnsf_context_error(s->ctx));
        return;
    }
    expect(status == TRNNSF_OK, trnnsf_context_error(s->ctx));
    char *before = read_file(stage_path(s, writers[i].file), &size);
    for (size_t part = 0; part < 8; part++)
        disk_full(s, i, part * (size - 1) / 7, before, size);
    free(before);
    expect(writers[i].save(s) == TRNNSF_OK, "it cannot be saved afterwards");
    printf("  %s: %zu bytes\n", writers[i].name, size);
}

int main(void)
{
    const char *temporary = getenv("TMPDIR");
    struct stage s = {.method = "transform", .variant = "corrected"};

    setbuf(stdout, NULL);
    signal(SIGXFSZ, SIG_IGN);
    snprintf(s.folder, sizeof s.folder, "%.40s/write-XXXXXX", temporary ? temporary : "/tmp");
    if (!mkdtemp(s.folder))
        return EXIT_FAILURE;
    expect(trnnsf_context_create(NULL, &s.ctx) == TRNNSF_OK, "no context");
    stage_set(&s, NEED_RUN | NEED_REPORT | NEED_MATRIX);
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++)
        try_writer(&s, i);
    stage_clear(&s);
    stage_remove_files(s.folder);
    rmdir(s.folder);
    printf("%zu faults\n", faults);
    return faults ? EXIT_FAILURE : EXIT_SUCCESS;
}
