/* Data sets and technologies by name or by path. */
#ifndef COMMON_DATA_H
#define COMMON_DATA_H

#include "program.h"

/* Where the bundled digits are. */
const char *data_digits(void);

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
