/* Technology descriptors as YAML; doc/cost-model.md shows a file. */
#ifndef TRN_IO_TECH_YAML_H
#define TRN_IO_TECH_YAML_H

#include "io/yaml.h"
#include "tech/tech.h"

/* TRNNSF_E_FORMAT with file, line and key for what is unknown, missing, out of its range or at odds
 * with another constant. What has no file of its own (parsed from memory) may be like a built-in
 * descriptor only. */
trnnsf_status trn_tech_read(const struct trn_yaml *yaml, struct trnnsf_tech **out_tech);
trnnsf_status trn_tech_write(trnnsf_context *ctx, const struct trnnsf_tech *tech, const char *path);

#endif
