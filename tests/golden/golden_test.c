/* Files that must load and files that must be refused: golden FOLDER. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trnnsf/dataset.h>
#include <trnnsf/mapping.h>
#include <trnnsf/matrix.h>
#include <trnnsf/network.h>
#include <trnnsf/nir.h>
#include <trnnsf/onnx.h>

#include "base/alloc.h"
#include "io/cifar.h"
#include "io/idx.h"
#include "io/npy.h"

static trnnsf_status load_network(trnnsf_context *ctx, const char *path)
{
    trnnsf_network *network = NULL;
    trnnsf_status status = trnnsf_network_load(ctx, path, &network);

    trnnsf_network_free(network);
    return status;
}

static trnnsf_status load_mapping(trnnsf_context *ctx, const char *path)
{
    trnnsf_mapping *mapping = NULL;
    trnnsf_status status = trnnsf_mapping_load(ctx, path, &mapping);

    trnnsf_mapping_free(mapping);
    return status;
}

static trnnsf_status load_nir(trnnsf_context *ctx, const char *path)
{
    trnnsf_nir *nir = NULL;
    trnnsf_status status = trnnsf_nir_load(ctx, path, &nir);

    trnnsf_nir_free(nir);
    return status;
}

static trnnsf_status load_onnx(trnnsf_context *ctx, const char *path)
{
    trnnsf_network *network = NULL;
    trnnsf_status status = trnnsf_network_load_onnx(ctx, path, NULL, &network);

    trnnsf_network_free(network);
    return status;
}

static trnnsf_status load_matrix(trnnsf_context *ctx, const char *path)
{
    trnnsf_matrix *matrix = NULL;
    trnnsf_status status = trnnsf_matrix_load(ctx, path, &matrix);

    trnnsf_matrix_free(matrix);
    return status;
}

static trnnsf_status load_idx(trnnsf_context *ctx, const char *path)
{
    struct trn_stream *stream = NULL;
    struct trn_idx idx = {0};
    trnnsf_status status = trn_stream_open(ctx, path, &stream);

    if (status == TRNNSF_OK)
        status = trn_idx_read(stream, &idx);
    trn_free(ctx, idx.bytes);
    trn_stream_free(stream);
    return status;
}

static trnnsf_status load_npy(trnnsf_context *ctx, const char *path)
{
    struct trn_stream *stream = NULL;
    struct trn_npy npy = {0};
    trnnsf_status status = trn_stream_open(ctx, path, &stream);

    if (status == TRNNSF_OK)
        status = trn_npy_read(stream, &npy);
    trn_free(ctx, npy.bytes);
    trn_stream_free(stream);
    return status;
}

static trnnsf_status load_cifar(trnnsf_context *ctx, const char *path)
{
    static float values[2 * 3072];
    int64_t labels[2];
    struct trn_stream *stream = NULL;
    trnnsf_status status = trn_stream_open(ctx, path, &stream);

    if (status == TRNNSF_OK)
        status = trn_cifar_read(stream, 2, false, values, labels);
    trn_stream_free(stream);
    return status;
}

struct golden {
    const char *file; /* in the kind's folder */
    trnnsf_status status;
    const char *words; /* in the error text */
};

#define OK(file) {file, TRNNSF_OK, ""}
#define BAD(file, status, words) {"bad-" file, TRNNSF_E_##status, words}

static const struct golden idx[] = {
    OK("images"),
    OK("labels"),
    OK("images.gz"),
    OK("images.xz"),
    BAD("magic", FORMAT, "begins with 89 50"),
    BAD("truncated", FORMAT, "ends at byte 16 where 12 more must follow"),
    BAD("longer", FORMAT, "more bytes than the 28"),
    BAD("huge", LIMIT, "dimension 1 of 4294967295"),
    BAD("floats", UNSUPPORTED, "type 0x0d"),
    BAD("count", FORMAT, "4294967295 more must follow"),
    BAD("truncated.gz", FORMAT, "cut short"),
    BAD("checksum.gz", FORMAT, "damaged"),
    {NULL, TRNNSF_OK, NULL},
};
static const struct golden npy[] = {
    OK("float32"),
    OK("float64-big-endian"),
    OK("labels-int64"),
    OK("bytes"),
    OK("version-2"),
    OK("float32.gz"),
    BAD("complex", UNSUPPORTED, "type '<c8'"),
    BAD("fortran", UNSUPPORTED, "Fortran order"),
    BAD("truncated", FORMAT, "ends at byte"),
    BAD("longer", FORMAT, "more bytes than"),
    BAD("magic", FORMAT, "does not begin as an NPY file"),
    BAD("dimension", LIMIT, "dimension 0"),
    BAD("header-length", LIMIT, "header of 65535 bytes"),
    BAD("object", UNSUPPORTED, "type '|O8'"),
    {NULL, TRNNSF_OK, NULL},
};
static const struct golden mtx[] = {
    OK("general"),
    OK("symmetric"),
    OK("skew"),
    OK("pattern"),
    OK("array"),
    OK("pattern.xz"),
    BAD("complex", UNSUPPORTED, "line 1: 'complex general'"),
    BAD("hermitian", UNSUPPORTED, "line 1: 'hermitian'"),
    BAD("banner", FORMAT, "does not begin with %%MatrixMarket"),
    BAD("range", FORMAT, "line 3: cell 1, 4 is not in 3 x 3"),
    BAD("short", FORMAT, "line 3: the text ends after 1 of 2"),
    BAD("long", FORMAT, "line 4: '2 2 2' after the last"),
    BAD("count", FORMAT, "line 2: 9223372036854775807 entries do not fit"),
    BAD("sides", LIMIT, "line 2: 9223372036854775808 x 3 exceeds"),
    BAD("value", FORMAT, "line 3: 'nan' is no number"),
    BAD("upper", FORMAT, "line 3: cell 1, 2 is not below the diagonal"),
    {NULL, TRNNSF_OK, NULL},
};
static const struct golden cifar[] = {
    OK("two.gz"),
    BAD("label.gz", FORMAT, "label 10 of sample 1"),
    BAD("short.gz", FORMAT, "ends at byte 6145"),
    BAD("long.gz", FORMAT, "more bytes than"),
    {NULL, TRNNSF_OK, NULL},
};
static const struct golden network[] = {
    OK("v1.safetensors"),
    OK("v1-device.safetensors"),
    OK("v1-graph.safetensors"),
    BAD("device-nan.safetensors", FORMAT, "element 0 of tensor 'layer.0.device' is nan"),
    BAD("device-levels.safetensors", FORMAT, "element 1 of tensor 'layer.0.device' is 1,"),
    BAD("device-bits.safetensors", FORMAT, "element 4 of tensor 'layer.1.device' is 17,"),
    BAD("device-sign.safetensors", FORMAT, "element 8 of tensor 'layer.1.device' is 0.5,"),
    BAD("device-range.safetensors", FORMAT, "element 3 of tensor 'layer.0.device' is 1e-40,"),
    BAD("nan.safetensors", NUMERIC, "element 5 of tensor 'layer.0.weight' is not finite"),
    BAD("infinite.safetensors", NUMERIC, "element 2 of tensor 'layer.1.bias' is not finite"),
    BAD("mask-2.safetensors", FORMAT, "element 3 of tensor 'layer.0.mask' is 2"),
    BAD("cluster-index.safetensors", FORMAT, "layer 0: "),
    BAD("cluster-start.safetensors", LIMIT,
        "'layer.0.clusters.output_start' is 9223372036854775808"),
    BAD("truncated.safetensors", FORMAT, "cut short"),
    BAD("header-cut.safetensors", FORMAT, "bytes but only 32 are left"),
    BAD("longer.safetensors", FORMAT, "8 bytes of data belong to no tensor"),
    BAD("version-2.safetensors", UNSUPPORTED, "version 2; this library reads up to 1"),
    BAD("format.safetensors", FORMAT, "its format is 'pt'"),
    BAD("layers.safetensors", FORMAT, "softmax at layer 1, which is not the last"),
    BAD("activation.safetensors", UNSUPPORTED, "'selu', which is unknown"),
    BAD("dimension.safetensors", FORMAT, "too big integer"),
    BAD("dimension-product.safetensors", LIMIT, "dimension 1 of tensor 'layer.0.weight'"),
    BAD("negative.safetensors", FORMAT, "dimension 0 of tensor 'layer.0.weight' is not a size"),
    BAD("offsets.safetensors", FORMAT, "begins at byte"),
    BAD("transposed.safetensors", FORMAT, "layer 1 has 4 inputs, but layer 0 has 6 outputs"),
    BAD("extra.safetensors", FORMAT, "1 tensors that are no part of a network"),
    BAD("missing.safetensors", FORMAT, "tensor 'layer.0.weight' is missing"),
    BAD("twice.safetensors", FORMAT, "duplicate"),
    BAD("nesting.safetensors", FORMAT, "depth"),
    BAD("magic.safetensors", LIMIT, "another kind of file"),
    {NULL, TRNNSF_OK, NULL},
};
static const struct golden mapping[] = {
    OK("v1.safetensors"),
    OK("v2.safetensors"),
    BAD("window.safetensors", FORMAT, "in windows of 1x0"),
    BAD("lines.safetensors", FORMAT, "layer 0 has 4x7 lines, its windows 4x6"),
    BAD("groups.safetensors", FORMAT, "layer 0: scheme 1, 3 groups of 1 and 2 channels"),
    BAD("kernel.safetensors", FORMAT, "does not give 1x40000 places"),
    BAD("values.safetensors", LIMIT, "more than 2^32 - 1 values"),
    BAD("newer.safetensors", UNSUPPORTED, "version 3"),
    BAD("short-windows.safetensors", FORMAT, "tensor 'layer.pad_left' is missing"),
    BAD("nan.safetensors", NUMERIC, "element 0 of tensor 'weights'"),
    BAD("neuron.safetensors", FORMAT, "not ascending or not in the layer"),
    BAD("start.safetensors", FORMAT, "points outside"),
    BAD("side.safetensors", LIMIT, "9223372036854775808"),
    BAD("rule.safetensors", FORMAT, "'rule' is 'best'"),
    BAD("network.safetensors", FORMAT, "its format is 'trnnsf-network'"),
    BAD("short-column.safetensors", FORMAT, "tensor 'crossbar.residue'"),
    {NULL, TRNNSF_OK, NULL},
};

static const struct golden nir[] = {
    OK("v1.nir"),
    OK("package.nir"),
    OK("nested.nir"),
    OK("latest.nir"),
    OK("first-layout.h5"),
    BAD("loop.nir", UNSUPPORTED, "edge \"lif\" -> \"fc\" is recurrent"),
    BAD("extra.nir", FORMAT, "node \"lif\": LIF has no member \"tao\""),
    BAD("nan.nir", FORMAT, "node \"lif\": tau[1] nan"),
    BAD("link.nir", UNSUPPORTED, "\"far\" is a link"),
    BAD("self.nir", LIMIT, "nested too deep"),
    BAD("empty.nir", FORMAT, "node \"fc\": weight: 200000000 values"),
    BAD("truncated.nir", FORMAT, "no HDF5 file"),
    BAD("magic.nir", FORMAT, "no HDF5 file"),
    {NULL, TRNNSF_OK, NULL},
};

#define FC "node 0 'fc' (Gemm, opset 13): "
/* What they give is tested in ../unit/io/onnx.c. ../unit/onnx/export.py made them. */
static const struct golden onnx[] = {
    OK("lenet.onnx"),
    OK("vgg8.onnx"),
    OK("resnet18.onnx"),
    OK("mobilenetv2.onnx"),
    OK("mlp.onnx"),
    OK("sequence.onnx"),
    OK("chain.onnx"),
    OK("swish.onnx"),
    OK("odd.onnx"),
    OK("typed.onnx"),
    OK("half.onnx"),
    OK("outside.onnx"),
    BAD("magic.onnx", FORMAT, "no ONNX"),
    BAD("empty.onnx", FORMAT, "no graph"),
    BAD("truncated.onnx", FORMAT, "cut short"),
    BAD("nested.onnx", LIMIT, "nested more than 32 deep"),
    BAD("opset-8.onnx", UNSUPPORTED, "opset 8 is not in"),
    BAD("opset-99.onnx", UNSUPPORTED, "opset 99 is not in"),
    BAD("no-graph.onnx", FORMAT, "no graph"),
    BAD("cycle.onnx", FORMAT, "node 0 'first' (Add, opset 13): reads 'c', which comes later"),
    BAD("unknown-value.onnx", FORMAT, FC "reads 'nowhere', which nothing gives"),
    BAD("twice.onnx", FORMAT, "value 'y' is given twice"),
    BAD("no-output.onnx", FORMAT, "no node gives the output 'elsewhere'"),
    BAD("two-inputs.onnx", UNSUPPORTED, "2 inputs, not 1"),
    BAD("batch-8.onnx", UNSUPPORTED, "input 'x': the batch is 8 samples"),
    BAD("symbolic.onnx", UNSUPPORTED, "input 'x': dimension 2 is symbolic"),
    BAD("negative-input.onnx", FORMAT, "input 'x': dimension 1 is -4"),
    BAD("int-input.onnx", UNSUPPORTED, "input 'x': its type 7"),
    BAD("negative-dims.onnx", FORMAT, FC "tensor 'w': dimension 0 is -2"),
    BAD("huge-dims.onnx", LIMIT, FC "tensor 'w': dimension 0 of 1152921504606846976"),
    BAD("few-values.onnx", FORMAT, FC "tensor 'w': 8 values where its sides say 12"),
    BAD("double-strings.onnx", UNSUPPORTED, FC "tensor 'w': values of type 8 (string)"),
    BAD("infinite.onnx", NUMERIC, FC "value 5 of 'w' is not finite"),
    BAD("outside-above.onnx", FORMAT, FC "tensor 'w': external_data: location '../secret.bin'"),
    BAD("outside-root.onnx", FORMAT, FC "tensor 'w': external_data: location '/etc/passwd'"),
    BAD("outside-sly.onnx", FORMAT, "location 'a/../../secret.bin' is no path below"),
    BAD("outside-missing.onnx", NOT_FOUND, FC "tensor 'w': cannot open"),
    BAD("outside-range.onnx", FORMAT, "from 1000000 on are not in 'outside.bin'"),
    BAD("shape.onnx", UNSUPPORTED, FC "weights of 8 values"),
    BAD("operator.onnx", UNSUPPORTED, "node 0 'recurrent' (LSTM, opset 13): this operator is not"),
    BAD("domain.onnx", UNSUPPORTED, FC "operators of 'com.example'"),
    BAD("attribute.onnx", UNSUPPORTED, "node 0 'odd' (Relu, opset 13): attribute 'alpha'"),
    BAD("attribute-type.onnx", FORMAT, "node 0 'leaky' (LeakyRelu, opset 13): attribute 'alpha'"),
    BAD("clip.onnx", UNSUPPORTED, "node 0 'clip' (Clip, opset 13): bounds -inf and 5"),
    BAD("softmax.onnx", UNSUPPORTED, "node 1 'fc' (Gemm, opset 13): reads a softmax"),
    BAD("product.onnx", UNSUPPORTED, "node 0 'square' (Mul, opset 13): a product of two"),
    BAD("groups.onnx", FORMAT, "node 0 'conv' (Conv, opset 13): weights [2 x 2 x"),
    BAD("kernel.onnx", FORMAT, "node 0 'conv' (Conv, opset 13): a kernel 3 long on axis 1"),
    BAD("large-kernel.onnx", FORMAT, "node 0 'pool' (MaxPool, opset 13): node 1: a window 9 high"),
    BAD("pads.onnx", UNSUPPORTED, "node 0 'pool' (MaxPool, opset 13): 'pads'[2] -1"),
    BAD("stride.onnx", UNSUPPORTED, "node 0 'pool' (MaxPool, opset 13): 'strides'[0] 0"),
    BAD("axis.onnx", UNSUPPORTED, "node 0 'join' (Concat, opset 13): along axis 2"),
    BAD("mode.onnx", UNSUPPORTED, "node 0 'pad' (Pad, opset 13): mode 'reflect'"),
    BAD("pad-last.onnx", UNSUPPORTED, "output 'y': input 0, 'y', is padded"),
    BAD("reshape.onnx", UNSUPPORTED, "node 0 'shape' (Reshape, opset 13): the first dimension is 1"),
    BAD("reshape-size.onnx", FORMAT, "node 0 'shape' (Reshape, opset 13): dimension 1 does not fit"),
    BAD("fill.onnx", LIMIT, "node 0 'fill' (ConstantOfShape, opset 13): too many values"),
    BAD("no-weights.onnx", UNSUPPORTED, "there is no layer of weights"),
    BAD("variance.onnx", FORMAT, "node 0 'norm' (BatchNormalization, opset 13): the variance of"),
    {"outside.bin", TRNNSF_E_FORMAT, "no ONNX"}, /* the tensor of outside.onnx */
    {NULL, TRNNSF_OK, NULL},
};

/* The library that a format needs beside those of its suffix. */
enum needs { NOTHING, JANSSON, HDF5, ONNX };

static const struct {
    const char *folder;
    trnnsf_status (*load)(trnnsf_context *ctx, const char *path);
    const struct golden *files;
    enum needs needs;
} kinds[] = {
    {"idx", load_idx, idx, NOTHING},
    {"npy", load_npy, npy, NOTHING},
    {"mtx", load_matrix, mtx, NOTHING},
    {"cifar", load_cifar, cifar, NOTHING},
    {"network", load_network, network, JANSSON},
    {"mapping", load_mapping, mapping, JANSSON},
    {"nir", load_nir, nir, HDF5},
    {"onnx", load_onnx, onnx, ONNX},
};

static int built_with(const char *file, enum needs needs)
{
    const char *suffix = strrchr(file, '.');

    if (suffix && strcmp(suffix, ".gz") == 0)
        return TRN_HAVE_ZLIB;
    if (suffix && strcmp(suffix, ".xz") == 0)
        return TRN_HAVE_LZMA;
    switch (needs) {
    case JANSSON:
        return TRN_HAVE_JANSSON;
    case HDF5:
        return TRN_HAVE_HDF5;
    case ONNX:
        return TRN_HAVE_ONNX;
    default:
        return 1;
    }
}

/* The number of mistakes, 0 or 1. */
static int check(trnnsf_context *ctx, const char *path, trnnsf_status found,
                 const struct golden *wanted)
{
    const char *text = trnnsf_context_error(ctx);
    const char *name = strrchr(wanted->file, '/');

    name = name ? name + 1 : wanted->file;
    if (found == wanted->status &&
        (found == TRNNSF_OK || (strstr(text, wanted->words) && strstr(text, name))))
        return 0;
    fprintf(stderr, "%s: %s (%s) where %s with '%s' is wanted\n", path, trnnsf_status_name(found),
            found ? text : "", trnnsf_status_name(wanted->status), wanted->words);
    return 1;
}

/* Files that the table does not know. */
static int check_folder(const char *path, const struct golden *files)
{
    DIR *listing = opendir(path);
    struct dirent *entry;
    int unknown = 0;

    while (listing && (entry = readdir(listing)) != NULL) {
        const struct golden *file = files;

        while (file->file && strcmp(file->file, entry->d_name) != 0)
            file++;
        if (!file->file && entry->d_name[0] != '.') {
            fprintf(stderr, "%s/%s is not in the table\n", path, entry->d_name);
            unknown++;
        }
    }
    if (!listing)
        return 1;
    closedir(listing);
    return unknown;
}

/* The digits that the library is shipped with. */
static int check_digits(trnnsf_context *ctx, const char *folder)
{
    struct trnnsf_dataset_options options = TRNNSF_DATASET_OPTIONS_INIT;
    trnnsf_dataset *digits = NULL;
    char path[4096];
    float largest = 0;
    int mistakes = 0;

    options.validation_fraction = 0;
    snprintf(path, sizeof path, "%s/../../examples/data/digits", folder);
    if (trnnsf_dataset_load(ctx, path, &options, &digits) != TRNNSF_OK) {
        fprintf(stderr, "%s\n", trnnsf_context_error(ctx));
        return 1;
    }
    for (size_t i = 0; i < trnnsf_dataset_samples(digits, 0) * 64; i++) {
        float value = trnnsf_dataset_values(digits, 0)[i];

        largest = value > largest ? value : largest;
    }
    if (trnnsf_dataset_samples(digits, TRNNSF_PART_TRAIN) != 3823 ||
        trnnsf_dataset_samples(digits, TRNNSF_PART_TEST) != 1797 ||
        trnnsf_dataset_features(digits) != 64 || trnnsf_dataset_classes(digits) != 10 ||
        !(largest >= 1 && largest <= 1)) {
        fprintf(stderr, "%s are not the digits as they were\n", path);
        mistakes = 1;
    }
    trnnsf_dataset_free(digits);
    return mistakes;
}

int main(int argc, char **argv)
{
    int mistakes = 0, checked = 0, skipped = 0;
    char path[4096];
    trnnsf_context *ctx;

    if (argc != 2 || trnnsf_context_create(NULL, &ctx) != TRNNSF_OK)
        return EXIT_FAILURE;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        for (const struct golden *file = kinds[k].files; file->file; file++) {
            snprintf(path, sizeof path, "%s/%s/%s", argv[1], kinds[k].folder, file->file);
            if (!built_with(file->file, kinds[k].needs)) {
                skipped++;
                continue;
            }
            mistakes += check(ctx, path, kinds[k].load(ctx, path), file);
            checked++;
        }
        snprintf(path, sizeof path, "%s/%s", argv[1], kinds[k].folder);
        mistakes += check_folder(path, kinds[k].files);
    }
    if (TRN_HAVE_ZLIB) {
        mistakes += check_digits(ctx, argv[1]);
        checked++;
    }
    trnnsf_context_free(ctx);
    printf("%d files as they should be, %d not, %d skipped (built without their library)\n",
           checked - mistakes, mistakes, skipped);
    return mistakes ? EXIT_FAILURE : EXIT_SUCCESS;
}
