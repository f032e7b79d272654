#include "io/spice.h"

#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "base/file.h"
#include "sim/wires/wires.h"

/* Bytes gathered before they go to the file, and what one element takes at most; room for a node's
 * name and for a number. */
enum { ROOM = 65536, ELEMENT = 512, NAME = 48, NUMBER = 40 };

struct writing {
    struct trn_file_writer *writer;
    const struct trnnsf_wires *wires;
    size_t used;
    char text[ROOM];
};

/* Room for one element more. */
static trnnsf_status make_room(struct writing *w)
{
    if (w->used + ELEMENT <= ROOM)
        return TRNNSF_OK;
    TRN_TRY(trn_file_append(w->writer, w->text, w->used));
    w->used = 0;
    return TRNNSF_OK;
}

/* Seventeen digits read back as the same double; a program's locale may write a comma. */
static const char *number(char text[NUMBER], double value)
{
    char *comma;

    snprintf(text, NUMBER, "%.17g", value);
    comma = strchr(text, ',');
    if (comma)
        *comma = '.';
    return text;
}

/* The name of a node, by what the grid says that it is. */
static const char *node_name(const struct trn_grid *grid, uint32_t node, char name[NAME])
{
    size_t place = node, cells = grid->n * grid->m;

    if (place < grid->n) {
        snprintf(name, NAME, "in%zu", place);
    } else if (place < grid->n + grid->m) {
        snprintf(name, NAME, "out%zu", place - grid->n);
    } else {
        bool word = (place -= grid->n + grid->m) < cells;

        if (!word)
            place -= cells;
        if (word && grid->word == 0)
            snprintf(name, NAME, "w%zu", place / grid->m);
        else if (!word && grid->bit == 0)
            snprintf(name, NAME, "b%zu", place % grid->m);
        else
            snprintf(name, NAME, "%c%zu_%zu", word ? 'w' : 'b', place / grid->m, place % grid->m);
    }
    return name;
}

static void write_resistor(struct writing *w, const char *kind, size_t i, size_t j, const char *a,
                           const char *b, double ohm)
{
    char text[NUMBER];

    w->used += (size_t)snprintf(w->text + w->used, ROOM - w->used, "r%s%zu_%zu %s %s %s\n", kind, i,
                                j, a, b, number(text, ohm));
}

/* The cell itself, with its series resistance. */
static void write_cell(struct writing *w, size_t i, size_t j, const char *a, const char *b)
{
    double g = w->wires->cells[i * w->wires->grid.m + j], alpha = w->wires->law.alpha;
    char inner[NAME], first[NUMBER], second[NUMBER];

    if (g == 0)
        return;
    if (w->wires->law.ohm > 0) {
        snprintf(inner, sizeof inner, "c%zu_%zu", i, j);
        write_resistor(w, "t", i, j, a, inner, w->wires->law.ohm);
        a = inner;
    }
    if (alpha == 0)
        write_resistor(w, "c", i, j, a, b, 1 / g);
    else
        w->used += (size_t)snprintf(w->text + w->used, ROOM - w->used,
                                    "bc%zu_%zu %s %s i=%s*sinh(%s*v(%s,%s))\n", i, j, a, b,
                                    number(first, g / alpha), number(second, alpha), a, b);
}

static void write_wires(struct writing *w, size_t i, size_t j, const struct trn_edge *edges,
                        size_t count)
{
    static const char *const kinds[TRN_CELL_EDGES] = {"", "a", "d", "e", "f"};
    char a[NAME], b[NAME];

    for (size_t k = 1; k < count; k++) {
        if (edges[k].a != edges[k].b)
            write_resistor(w, kinds[k], i, j, node_name(&w->wires->grid, edges[k].a, a),
                           node_name(&w->wires->grid, edges[k].b, b), 1 / edges[k].conductance);
    }
}

static trnnsf_status write_cells(struct writing *w)
{
    const struct trn_grid *grid = &w->wires->grid;
    struct trn_edge edges[TRN_CELL_EDGES];
    char a[NAME], b[NAME];

    for (size_t i = 0; i < grid->n; i++) {
        for (size_t j = 0; j < grid->m; j++) {
            size_t count = trn_grid_edges(grid, i, j, 0, edges);

            TRN_TRY(make_room(w));
            write_cell(w, i, j, node_name(grid, edges[0].a, a), node_name(grid, edges[0].b, b));
            TRN_TRY(make_room(w));
            write_wires(w, i, j, edges, count);
        }
    }
    return TRNNSF_OK;
}

static trnnsf_status write_netlist(struct writing *w, const double *input)
{
    const struct trn_grid *grid = &w->wires->grid;
    char text[NUMBER];

    w->used = (size_t)snprintf(w->text, ROOM, "* crossbar of %zu rows and %zu columns\n", grid->n,
                               grid->m);
    for (size_t i = 0; i < grid->n; i++) {
        TRN_TRY(make_room(w));
        w->used += (size_t)snprintf(w->text + w->used, ROOM - w->used, "vin%zu in%zu 0 %s\n", i, i,
                                    number(text, input[i]));
    }
    for (size_t j = 0; j < grid->m; j++) {
        TRN_TRY(make_room(w));
        w->used +=
            (size_t)snprintf(w->text + w->used, ROOM - w->used, "vout%zu out%zu 0 0\n", j, j);
    }
    TRN_TRY(write_cells(w));
    TRN_TRY(make_room(w));
    w->used += (size_t)snprintf(w->text + w->used, ROOM - w->used, ".op\n");
    for (size_t j = 0; j < grid->m; j++) {
        TRN_TRY(make_room(w));
        w->used += (size_t)snprintf(w->text + w->used, ROOM - w->used, ".print op i(vout%zu)\n", j);
    }
    TRN_TRY(make_room(w));
    w->used += (size_t)snprintf(w->text + w->used, ROOM - w->used, ".end\n");
    return trn_file_append(w->writer, w->text, w->used);
}

trnnsf_status trn_spice_write(trnnsf_context *ctx, const trnnsf_wires *wires, const double *input,
                              const char *path)
{
    struct writing *writing = TRN_NEW(ctx, struct writing);
    trnnsf_status status;

    TRN_NEED_OUT(writing);
    writing->wires = wires;
    TRN_TRY_OUT(trn_file_begin(ctx, path, &writing->writer));
    status = trn_file_end(writing->writer, write_netlist(writing, input));
out:
    trn_free(ctx, writing);
    return status;
}
