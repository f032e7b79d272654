#define _XOPEN_SOURCE 700 /* realpath */

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/context.h"

struct trn_file_writer {
    trnnsf_context *ctx; /* held */
    int file;
    char *path;   /* the file to be */
    char *beside; /* where it is written; NULL: in place */
};

/* Suffixes tried for the file beside: as many writers may be at one path. */
enum { BESIDE_TRIES = 100, BESIDE_ROOM = 48 };
/* The kernel takes no more at a time. */
#define PIECE_MAX ((size_t)1 << 30)

static trnnsf_status fail_with_errno(trnnsf_context *ctx, const char *what, const char *path,
                                     int number)
{
    trnnsf_status status = number == ENOENT || number == ENOTDIR ? TRNNSF_E_NOT_FOUND : TRNNSF_E_IO;
    char text[128] = "";

    if (strerror_r(number, text, sizeof text) != 0 || text[0] == '\0')
        snprintf(text, sizeof text, "error %d", number);
    return trn_fail(ctx, status, "cannot %s '%s': %s", what, path, text);
}

bool trn_file_exists(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && !S_ISDIR(info.st_mode);
}

bool trn_file_same(const char *path, const char *other)
{
    struct stat one, two;

    return stat(path, &one) == 0 && stat(other, &two) == 0 && one.st_dev == two.st_dev &&
           one.st_ino == two.st_ino;
}

char *trn_file_beside(trnnsf_context *ctx, const char *from, const char *path)
{
    const char *slash = path[0] == '/' ? NULL : strrchr(from, '/');
    size_t folder = slash ? (size_t)(slash - from) + 1 : 0;
    char *joined = trn_malloc(ctx, folder + strlen(path) + 1, 1);

    if (!joined)
        return NULL;
    memcpy(joined, from, folder);
    memcpy(joined + folder, path, strlen(path) + 1);
    return joined;
}

trnnsf_status trn_file_check_below(trnnsf_context *ctx, const char *from, const char *path)
{
    trnnsf_status status = TRNNSF_OK;
    char *folder = NULL, *real_from = NULL, *real = NULL;
    size_t length;

    /* The folder as the caller names it: the file itself may be a link to elsewhere. */
    folder = trn_file_beside(ctx, from, ".");
    TRN_NEED_OUT(folder);
    real_from = realpath(folder, NULL);
    real = realpath(path, NULL);
    if (!real_from || !real) {
        status = fail_with_errno(ctx, "open", path, errno);
        goto out;
    }
    length = strlen(real_from);
    length -= real_from[length - 1] == '/';
    if (strncmp(real, real_from, length) != 0 || real[length] != '/')
        status = trn_fail(ctx, TRNNSF_E_FORMAT, "'%s' leads out of the folder of '%s'", path, from);
out:
    free(real);
    free(real_from);
    trn_free(ctx, folder);
    return status;
}

/* Files that tell no size (pipes, /proc) are read until they end, so the buffer grows. */
static trnnsf_status read_to_end(trnnsf_context *ctx, int file, const char *path, size_t limit,
                                 size_t capacity, uint8_t **out_bytes, size_t *out_size)
{
    trnnsf_status status = TRNNSF_OK;
    size_t size = 0;
    uint8_t *bytes = trn_malloc(ctx, capacity + 1, 1);

    TRN_NEED_OUT(bytes);
    for (;;) {
        size_t room = capacity + 1 - size;
        ssize_t got = read(file, bytes + size, room < PIECE_MAX ? room : PIECE_MAX);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            status = fail_with_errno(ctx, "read", path, errno);
            goto out;
        }
        if (got == 0)
            break;
        size += (size_t)got;
        if (size <= capacity)
            continue;
        if (size > limit) {
            status = trn_fail(ctx, TRNNSF_E_LIMIT, "'%s' has more than %zu bytes", path, limit);
            goto out;
        }
        capacity = capacity > limit / 4 || limit < 8192 ? limit : capacity * 2 + 4096;
        uint8_t *more = trn_realloc(ctx, bytes, capacity + 1, 1);
        TRN_NEED_OUT(more);
        bytes = more;
    }
    bytes[size] = 0;
    *out_bytes = bytes;
    *out_size = size;
    bytes = NULL;
out:
    trn_free(ctx, bytes);
    return status;
}

trnnsf_status trn_file_read(trnnsf_context *ctx, const char *path, size_t limit,
                            uint8_t **out_bytes, size_t *out_size)
{
    trnnsf_status status;
    struct stat info;
    int file = open(path, O_RDONLY | O_CLOEXEC);

    if (limit > SIZE_MAX / 4)
        limit = SIZE_MAX / 4;
    if (file < 0)
        return fail_with_errno(ctx, "open", path, errno);
    if (fstat(file, &info) != 0)
        status = fail_with_errno(ctx, "read", path, errno);
    else if (S_ISDIR(info.st_mode))
        status = trn_fail(ctx, TRNNSF_E_IO, "'%s' is a folder", path);
    else if (info.st_size > 0 && (uintmax_t)info.st_size > limit)
        status = trn_fail(ctx, TRNNSF_E_LIMIT, "'%s' has %jd bytes, more than %zu", path,
                          (intmax_t)info.st_size, limit);
    else
        status = read_to_end(ctx, file, path, limit, info.st_size > 0 ? (size_t)info.st_size : 0,
                             out_bytes, out_size);
    close(file);
    return status;
}

static void writer_free(struct trn_file_writer *writer)
{
    trnnsf_context *ctx = writer->ctx;

    if (writer->file >= 0)
        close(writer->file);
    trn_free(ctx, writer->path);
    trn_free(ctx, writer->beside);
    trn_free(ctx, writer);
    trn_context_release(ctx);
}

/* Through links, so that the link stays one. */
static char *real_path(trnnsf_context *ctx, const char *path)
{
    char *resolved = realpath(path, NULL);
    char *copy = trn_copy_text(ctx, resolved ? resolved : path);

    free(resolved);
    return copy;
}

static trnnsf_status open_beside(struct trn_file_writer *writer, mode_t mode)
{
    size_t room = strlen(writer->path) + BESIDE_ROOM;

    writer->beside = trn_malloc(writer->ctx, room, 1);
    if (!writer->beside)
        return TRNNSF_E_NO_MEMORY;
    for (int i = 0; i < BESIDE_TRIES; i++) {
        snprintf(writer->beside, room, "%s.part-%ld-%d", writer->path, (long)getpid(), i);
        writer->file = open(writer->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (writer->file >= 0)
            return TRNNSF_OK;
        if (errno != EEXIST)
            break;
    }
    trnnsf_status status = fail_with_errno(writer->ctx, "create", writer->beside, errno);
    trn_free(writer->ctx, writer->beside);
    writer->beside = NULL;
    return status;
}

static trnnsf_status open_for_writing(struct trn_file_writer *writer)
{
    struct stat info;
    bool exists = stat(writer->path, &info) == 0;

    if (exists && S_ISDIR(info.st_mode))
        return trn_fail(writer->ctx, TRNNSF_E_IO, "'%s' is a folder", writer->path);
    if (!exists || S_ISREG(info.st_mode))
        return open_beside(writer, exists ? info.st_mode & 0777 : 0666);
    writer->file = open(writer->path, O_WRONLY | O_CLOEXEC);
    if (writer->file < 0)
        return fail_with_errno(writer->ctx, "open", writer->path, errno);
    return TRNNSF_OK;
}

trnnsf_status trn_file_begin(trnnsf_context *ctx, const char *path,
                             struct trn_file_writer **out_writer)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_file_writer *writer = TRN_NEW(ctx, struct trn_file_writer);

    if (!writer)
        return TRNNSF_E_NO_MEMORY;
    writer->ctx = trn_context_retain(ctx);
    writer->file = -1;
    writer->path = real_path(ctx, path);
    TRN_NEED_OUT(writer->path);
    TRN_TRY_OUT(open_for_writing(writer));
    *out_writer = writer;
    writer = NULL;
out:
    if (writer)
        writer_free(writer);
    return status;
}

trnnsf_status trn_file_append(struct trn_file_writer *writer, const void *bytes, size_t size)
{
    const uint8_t *next = bytes;

    while (size > 0) {
        ssize_t put = write(writer->file, next, size < PIECE_MAX ? size : PIECE_MAX);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return fail_with_errno(writer->ctx, "write", writer->path, errno);
        next += put;
        size -= (size_t)put;
    }
    return TRNNSF_OK;
}

/* The rename itself is safe only when the folder is on the disk. Benign where it cannot be synced.
 */
static void sync_folder(struct trn_file_writer *writer)
{
    char *slash = strrchr(writer->path, '/');
    int folder;

    if (slash == writer->path)
        slash++;
    if (slash)
        *slash = '\0';
    folder = open(slash ? writer->path : ".", O_RDONLY | O_CLOEXEC);
    if (folder < 0)
        return;
    (void)fsync(folder);
    close(folder);
}

trnnsf_status trn_file_commit(struct trn_file_writer *writer)
{
    trnnsf_status status = TRNNSF_OK;
    int closed;

    if (writer->beside && fsync(writer->file) != 0) {
        status = fail_with_errno(writer->ctx, "write", writer->path, errno);
        goto out;
    }
    closed = close(writer->file);
    writer->file = -1;
    if (closed != 0 || (writer->beside && rename(writer->beside, writer->path) != 0)) {
        status = fail_with_errno(writer->ctx, "write", writer->path, errno);
        goto out;
    }
    if (writer->beside)
        sync_folder(writer);
    trn_free(writer->ctx, writer->beside);
    writer->beside = NULL;
out:
    trn_file_discard(writer);
    return status;
}

void trn_file_discard(struct trn_file_writer *writer)
{
    if (!writer)
        return;
    if (writer->beside)
        unlink(writer->beside);
    writer_free(writer);
}

trnnsf_status trn_file_end(struct trn_file_writer *writer, trnnsf_status status)
{
    if (status == TRNNSF_OK)
        return trn_file_commit(writer);
    trn_file_discard(writer);
    return status;
}

trnnsf_status trn_file_write(trnnsf_context *ctx, const char *path, const void *bytes, size_t size)
{
    struct trn_file_writer *writer;

    TRN_TRY(trn_file_begin(ctx, path, &writer));
    return trn_file_end(writer, trn_file_append(writer, bytes, size));
}
