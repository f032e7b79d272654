/* YAML files as flat lists: each scalar with its path ("train.epochs", "shapes.0"), text and line.
 * Parsed by libyaml's composer; our files are shallow maps, so the path says it all and every error can
 * name file, line and key. */
#ifndef TRN_IO_YAML_H
#define TRN_IO_YAML_H

#include <trnnsf/context.h>

struct trn_yaml_entry {
    char *path;
    char *text;
    size_t line; /* from 1 */
};

struct trn_yaml {
    trnnsf_context *ctx; /* held */
    char *name;          /* of the file, for error texts */
    size_t count;
    struct trn_yaml_entry *entries; /* in the order of the file */
};

/* At most 1 MiB, 8 levels and 4096 scalars; one document, a mapping at its top; no key twice; aliases
 * are refused. TRNNSF_E_UNSUPPORTED where built without libyaml. */
trnnsf_status trn_yaml_load(trnnsf_context *ctx, const char *path, struct trn_yaml **out_yaml);
/* The same from memory; `name` stands for the path in error texts. */
trnnsf_status trn_yaml_parse(trnnsf_context *ctx, const char *name, const uint8_t *bytes,
                             size_t size, struct trn_yaml **out_yaml);
void trn_yaml_free(struct trn_yaml *yaml);

/* NULL where the path is absent. */
const struct trn_yaml_entry *trn_yaml_find(const struct trn_yaml *yaml, const char *path);
/* The whole text as a finite number; TRNNSF_E_FORMAT with file, line and key. */
trnnsf_status trn_yaml_number(const struct trn_yaml *yaml, const struct trn_yaml_entry *entry,
                              double *out_value);
/* Sets the error text "FILE:LINE: KEY: what", and returns `status`. */
trnnsf_status trn_yaml_fail(const struct trn_yaml *yaml, const struct trn_yaml_entry *entry,
                            trnnsf_status status, const char *what);

#endif
