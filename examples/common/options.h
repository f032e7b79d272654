/* Command lines: a table of options gives both the parser and --help. */
#ifndef COMMON_OPTIONS_H
#define COMMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit codes; EXIT_GO_ON is none. */
enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_GO_ON = -1 };

/* Keys of the options that every program has; a program's own begin at OPTION_OWN. */
enum option_key {
    OPTION_NONE = 0,
    OPTION_HELP = 256,
    OPTION_VERSION,
    OPTION_SEED,
    OPTION_THREADS,
    OPTION_BACKEND,
    OPTION_JSON,
    OPTION_REPRODUCIBLE,
    OPTION_QUIET,
    OPTION_OWN = 512
};

struct option_row {
    const char *name;  /* without dashes; NULL: `help` is a heading */
    const char *value; /* what --help calls its value; NULL: it takes none */
    int key;
    const char *help; /* lines parted by \n */
};

struct usage {
    const char *name;        /* trnnsf-transform */
    const char *synopsis;    /* what follows the name on the usage line */
    const char *description; /* sentences below it */
    const struct option_row *rows;
    size_t n_rows;
};

/* The options that every program has; a program puts them at the end of its table. */
#define OPTIONS_OF_EVERY_PROGRAM                                                                   \
    {NULL, NULL, 0, "General:"},                                                                   \
        {"seed", "N", OPTION_SEED, "whole number from which all randomness follows; default 1"},   \
        {"threads", "N", OPTION_THREADS,                                                           \
         "worker threads, 1 … 256; default: one for each processor.\n"                           \
         "Results do not depend on it"},                                                           \
        {"backend", "NAME", OPTION_BACKEND, "kernels: reference or cblas"},                        \
        {"json", "FILE", OPTION_JSON, "write the results as JSON; - is standard output"},          \
        {"reproducible", NULL, OPTION_REPRODUCIBLE,                                                \
         "leave times out of the JSON, so that equal runs give equal bytes"},                      \
        {"quiet", NULL, OPTION_QUIET, "no table, no progress bar"},                                \
        {"help", NULL, OPTION_HELP, "print this and exit"},                                        \
    {                                                                                              \
        "version", NULL, OPTION_VERSION, "print the version and exit"                              \
    }

/* The next option's key, its value in *out_value; 0 at the end; -1 for a bad one, when the error
 * line has been printed. The first operand's index is then `optind` of <getopt.h>. */
int options_next(const struct usage *usage, int argc, char **argv, const char **out_value);

void options_print_help(const struct usage *usage);

/* Prints "NAME: text (see --help)" on stderr and returns the exit code of a wrong command line. */
int options_error(const struct usage *usage, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Whole numbers and numbers that fill the text entirely; false otherwise. */
bool options_whole(const char *text, uint64_t minimum, uint64_t maximum, uint64_t *out_value);
bool options_number(const char *text, double *out_value);
/* The value of option `name`; EXIT_GO_ON, or EXIT_USAGE when the error line has been printed. */
int options_take_number(const struct usage *usage, const char *name, const char *value,
                        double *out);
/* `value` is one of the words, which are parted by |; its place in *out. */
int options_take_word(const struct usage *usage, const char *name, const char *value,
                      const char *words, uint32_t *out);
int options_take_whole(const struct usage *usage, const char *name, const char *value,
                       uint64_t least, uint64_t most, uint32_t *out);

#endif
