/* What trnnsf-info says of a file: a list of facts, printed as lines or as JSON. */
#ifndef INFO_DESCRIBE_H
#define INFO_DESCRIBE_H

#include "../common/program.h"

struct fact {
    char key[64];
    char text[640];
    double number;
    bool is_number;
};

struct facts {
    struct fact *list;
    size_t count;
    size_t room;
    bool failed;      /* no memory */
    char reason[640]; /* of a failure, where the context's text alone would mislead */
};

void fact_text(struct facts *facts, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void fact_number(struct facts *facts, const char *key, double value);
void facts_reason(struct facts *facts, const char *text);
void facts_free(struct facts *facts);
void facts_print(const struct facts *facts);
/* EXIT_DONE, or EXIT_FAILED with the error printed. */
int facts_write_json(const struct facts *facts, struct program *program);

trnnsf_status describe_dataset(struct program *program, const char *path, struct facts *facts);
trnnsf_status describe_matrix(struct program *program, const char *path, struct facts *facts);
trnnsf_status describe_network(struct program *program, const char *path, struct facts *facts);
/* The nodes of a network that is a graph. */
void describe_nodes(struct program *program, const trnnsf_network *network, struct facts *facts);
trnnsf_status describe_nir(struct program *program, const char *path, struct facts *facts);
trnnsf_status describe_mapping(struct program *program, const char *path, struct facts *facts);
/* A technology's or schedule's YAML. */
trnnsf_status describe_yaml(struct program *program, const char *path, struct facts *facts);
void describe_tech(struct program *program, const trnnsf_tech *tech, struct facts *facts);
trnnsf_status describe_tech_keys(struct program *program, struct facts *facts);
trnnsf_status describe_keys(struct program *program, struct facts *facts);

/* Metadata and tensors of a safetensors file, whatever it holds; its "format" in format[64], empty
 * where it has none. False where the file is no safetensors. */
bool describe_tensors(const char *path, struct facts *facts, char *format);

#endif
