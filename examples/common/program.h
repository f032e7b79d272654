/* What every program does: its context, the common options, one error line, exit codes, the bar. */
#ifndef COMMON_PROGRAM_H
#define COMMON_PROGRAM_H

#include <stdbool.h>
#include <stdio.h>
#include <trnnsf/trnnsf.h>

#include "options.h"

struct program {
    const struct usage *usage;
    trnnsf_context *context;
    uint64_t seed;
    uint32_t threads;
    const char *backend;
    const char *json;
    bool reproducible;
    bool quiet;
    /* The bar. */
    bool bar;          /* stderr is a terminal */
    const char *label; /* the method */
    char summary[96];  /* of the last epoch */
    uint64_t epoch;
    uint64_t epochs;
    double drawn_at; /* seconds */
};

/* Takes one option that every program has. EXIT_GO_ON, or an exit code (help, version, errors). */
int program_option(struct program *program, int key, const char *value);
/* The only operand, after the options; EXIT_GO_ON, or EXIT_USAGE when the error line has been
 * printed: `question` where there is none. */
int program_operand(const struct usage *usage, int argc, char **argv, const char *question,
                    const char **out_operand);

/* Creates the context; Ctrl-C cancels the call that runs. EXIT_GO_ON or an exit code. */
int program_start(struct program *program);
void program_end(struct program *program);

/* Prints the context's error text and returns EXIT_FAILED. */
int program_failed(struct program *program);
/* A failure outside the library. */
int program_failed_at(struct program *program, const char *what, const char *why);

double program_now(void);
void program_bar_begin(struct program *program, const char *label, uint64_t epochs);
void program_bar_step(struct program *program, const struct trnnsf_step *step);
void program_bar_end(struct program *program);

/* Where JSON goes: a stream for --json FILE or -, NULL (the error is printed) where it cannot be
 * opened. */
FILE *program_open_json(struct program *program);
int program_close_json(struct program *program, FILE *stream);
/* "key": value, null where it is not finite. */
void program_put_number(FILE *stream, const char *key, double value);
/* "text", escaped. */
void program_put_text(FILE *stream, const char *text);

#endif
