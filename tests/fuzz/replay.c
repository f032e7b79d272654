/* Feeds files, or all files of folders, to a target, each whole and cut short at 64 places: the
 * seeds as an ordinary test, without libFuzzer. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

enum { CUTS = 64 };

static int feed(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct stat info;

    if (!file || stat(path, &info) != 0) {
        fprintf(stderr, "cannot read %s\n", path);
        return 0;
    }
    size_t size = (size_t)info.st_size;
    uint8_t *bytes = malloc(size + 1);
    size = fread(bytes, 1, size, file);
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, size);
    for (size_t i = 0; i < CUTS && i < size; i++) {
        /* A buffer of just that size, so that reading past it is seen. */
        size_t cut = size < CUTS ? i : size * i / CUTS;
        uint8_t *copy = malloc(cut + 1);

        memcpy(copy, bytes, cut);
        copy = realloc(copy, cut ? cut : 1);
        LLVMFuzzerTestOneInput(copy, cut);
        free(copy);
    }
    free(bytes);
    return 1;
}

static int feed_folder(const char *path)
{
    DIR *listing = opendir(path);
    struct dirent *entry;
    int fed = 0;

    while (listing && (entry = readdir(listing)) != NULL) {
        char name[4096];

        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        fed += feed(name);
    }
    if (listing)
        closedir(listing);
    return fed;
}

int main(int argc, char **argv)
{
    int fed = 0;

    for (int i = 1; i < argc; i++) {
        struct stat info;
        int folder = stat(argv[i], &info) == 0 && S_ISDIR(info.st_mode);

        fed += folder ? feed_folder(argv[i]) : feed(argv[i]);
    }
    if (fuzz_write_seed) {
        char path[64];

        snprintf(path, sizeof path, "replay-seed-%ld", (long)getpid());
        int written = fuzz_write_seed(path);
        if (written == 0 || (written == 1 && !feed(path))) {
            fprintf(stderr, "the target does not accept its own seed\n");
            fed = 0;
        }
        remove(path);
    }
    printf("%d files\n", fed);
    return fed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
