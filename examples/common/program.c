#include "program.h"

#include <getopt.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Only the signal handler reads it. */
static trnnsf_context *interrupted;

static void interrupt(int signal_number)
{
    (void)signal_number;
    trnnsf_context_cancel(interrupted);
}

double program_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int program_option(struct program *program, int key, const char *value)
{
    uint64_t number = 0;

    switch (key) {
    case OPTION_HELP:
        options_print_help(program->usage);
        return EXIT_DONE;
    case OPTION_VERSION:
        printf("%s %s\n", program->usage->name, trnnsf_version_text());
        return EXIT_DONE;
    case OPTION_SEED:
        /* Doubles and JSON readers hold whole numbers up to here. */
        if (!options_whole(value, 0, UINT64_C(9007199254740992), &program->seed))
            return options_error(program->usage, "--seed %s is not a whole number in [0, 2^53]",
                                 value);
        return EXIT_GO_ON;
    case OPTION_THREADS:
        if (!options_whole(value, 1, 256, &number))
            return options_error(program->usage, "--threads %s is not in [1, 256]", value);
        program->threads = (uint32_t)number;
        return EXIT_GO_ON;
    case OPTION_BACKEND:
        program->backend = value;
        return EXIT_GO_ON;
    case OPTION_JSON:
        program->json = value;
        return EXIT_GO_ON;
    case OPTION_REPRODUCIBLE:
        program->reproducible = true;
        return EXIT_GO_ON;
    case OPTION_QUIET:
        program->quiet = true;
        return EXIT_GO_ON;
    default:
        return EXIT_USAGE;
    }
}

/* 24 cells and a word or two fit a terminal of 80 columns. */
static void draw_bar(struct program *program, double share, const char *phase)
{
    enum { CELLS = 24 };
    char cells[CELLS + 1];
    int full = (int)(share * CELLS + 0.5);

    for (int i = 0; i < CELLS; i++)
        cells[i] = i < full ? '#' : '-';
    cells[CELLS] = '\0';
    fprintf(stderr, "\r\033[K%-9s [%s] %3.0f %%  %s%s", program->label ? program->label : phase,
            cells, 100 * share, program->summary, program->label ? "" : phase);
    fflush(stderr);
    program->drawn_at = program_now();
}

static int show_progress(const struct trnnsf_progress *progress, void *user)
{
    struct program *program = user;
    double share = progress->total ? (double)progress->done / (double)progress->total : 0;

    if (program_now() - program->drawn_at < 0.1)
        return 0;
    if (program->label) {
        /* Only training tells how far within an epoch we are. */
        if (strcmp(progress->phase, "train") != 0 || program->epochs == 0)
            return 0;
        share = ((double)program->epoch + share) / (double)program->epochs;
    }
    draw_bar(program, share < 1 ? share : 1, progress->phase);
    return 0;
}

void program_bar_begin(struct program *program, const char *label, uint64_t epochs)
{
    program->label = label;
    program->epochs = epochs;
    program->epoch = 0;
    program->summary[0] = '\0';
}

void program_bar_step(struct program *program, const struct trnnsf_step *step)
{
    program->epoch = step->epoch;
    program->epochs = step->epochs;
    if (!program->bar)
        return;
    snprintf(program->summary, sizeof program->summary, "%llu/%llu  loss %.4f  %.2f %%  %llu MCAs",
             (unsigned long long)step->epoch, (unsigned long long)step->epochs, step->loss,
             100 * (isfinite(step->validation_accuracy) ? step->validation_accuracy
                                                        : step->train_accuracy),
             (unsigned long long)step->crossbars);
    draw_bar(program, step->epochs ? (double)step->epoch / (double)step->epochs : 1, "");
}

void program_bar_end(struct program *program)
{
    if (program->bar && program->drawn_at > 0)
        fprintf(stderr, "\r\033[K");
    program->label = NULL;
    program->summary[0] = '\0';
    program->drawn_at = 0;
}

int program_operand(const struct usage *usage, int argc, char **argv, const char *question,
                    const char **out_operand)
{
    if (optind >= argc)
        return options_error(usage, "%s", question);
    if (optind + 1 < argc)
        return options_error(usage, "\"%s\": only one file at a time", argv[optind + 1]);
    *out_operand = argv[optind];
    return EXIT_GO_ON;
}

int program_start(struct program *program)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    struct sigaction action;

    program->bar = !program->quiet && isatty(STDERR_FILENO);
    options.threads = program->threads;
    if (program->bar) {
        options.progress = show_progress;
        options.progress_user = program;
    }
    trnnsf_status status = trnnsf_context_create(&options, &program->context);
    if (status != TRNNSF_OK)
        return program_failed_at(program, "context", trnnsf_status_text(status));
    interrupted = program->context;
    memset(&action, 0, sizeof action);
    action.sa_handler = interrupt;
    action.sa_flags = (int)SA_RESETHAND; /* a second Ctrl-C ends the program at once */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (program->backend && trnnsf_backend_select(program->context, program->backend) != TRNNSF_OK)
        return options_error(program->usage, "--backend: %s",
                             trnnsf_context_error(program->context));
    return EXIT_GO_ON;
}

void program_end(struct program *program)
{
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    interrupted = NULL;
    program_bar_end(program);
    trnnsf_context_free(program->context);
    program->context = NULL;
}

int program_failed(struct program *program)
{
    const char *text = trnnsf_context_error(program->context);

    program_bar_end(program);
    fprintf(stderr, "%s: %s\n", program->usage->name, *text ? text : "failed");
    return EXIT_FAILED;
}

int program_failed_at(struct program *program, const char *what, const char *why)
{
    program_bar_end(program);
    fprintf(stderr, "%s: %s: %s\n", program->usage->name, what, why);
    return EXIT_FAILED;
}

FILE *program_open_json(struct program *program)
{
    if (strcmp(program->json, "-") == 0)
        return stdout;

    FILE *stream = fopen(program->json, "w");
    if (!stream)
        program_failed_at(program, program->json, strerror(errno));
    return stream;
}

int program_close_json(struct program *program, FILE *stream)
{
    bool bad = fflush(stream) != 0 || ferror(stream);

    if (stream != stdout)
        bad = fclose(stream) != 0 || bad;
    return bad ? program_failed_at(program, program->json, "could not be written") : EXIT_DONE;
}

void program_put_number(FILE *stream, const char *key, double value)
{
    if (isfinite(value))
        fprintf(stream, "\"%s\": %.17g", key, value);
    else
        fprintf(stream, "\"%s\": null", key);
}

void program_put_text(FILE *stream, const char *text)
{
    fputc('"', stream);
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;

        if (byte < 0x20)
            fprintf(stream, "\\u%04x", byte);
        else
            fprintf(stream, "%s%c", byte == '"' || byte == '\\' ? "\\" : "", byte);
    }
    fputc('"', stream);
}
