/* Data sets and technologies by name or by path. */
#ifndef COMMON_DATA_H
#define COMMON_DATA_H

#include "program.h"

/* Where the bundled digits are. */
const char *data_digits(void);

/* Options of the programs that read data sets; their keys are below OPTION_OWN. --data has a help
 * text of each program's own. */
enum data_key {
    OPTION_DATA = 384,
    OPTION_GREY,
    OPTION_STANDARDISE,
    OPTION_STANDARDISE_CHANNELS,
    OPTION_MIRROR,
    OPTION_IMAGE
};
#define OPTIONS_OF_SAMPLES                                                                         \
    {"grey", NULL, OPTION_GREY, "turn RGB images into grey ones"},                                 \
        {"standardise", NULL, OPTION_STANDARDISE, "centre and scale the features"},                \
        {"standardise-channels", NULL, OPTION_STANDARDISE_CHANNELS, "the same, a channel each"},   \
        {"image", "CxHxW", OPTION_IMAGE, "channels, height and width of samples, such as 3x32x32"}, \
    {                                                                                              \
        "mirror", NULL, OPTION_MIRROR, "inputs twice, the second time negated"                     \
    }
/* Takes one of them: EXIT_GO_ON, or an exit code; OPTION_NONE where the key is another's. */
int data_option(const struct usage *usage, int key, const char *value, const char **out_data,
                struct trnnsf_dataset_options *samples);

/* "digits" is the bundled data set; anything else is a folder. */
trnnsf_status data_load(struct program *program, const char *name,
                        const struct trnnsf_dataset_options *options, trnnsf_dataset **out_dataset);

/* A preset's name or a YAML file; `mca` (may be NULL) replaces its shapes. */
trnnsf_status data_load_tech(struct program *program, const char *name, const char *mca,
                             trnnsf_tech **out_tech);

/* KEY=VALUE into *tech, which is replaced. `option` is for messages. EXIT_GO_ON or an exit code. */
int data_set_constant(struct program *program, trnnsf_tech **tech, const char *option,
                      const char *setting);

#endif
