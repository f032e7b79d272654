/* Spikes over links: what each place of a window sees, gathered, times the weights. */
#include <string.h>

#include "sim/spiking/links.h"
#include "tensor/window.h"

size_t trn_spike_link_columns(const struct trn_spike_link *link)
{
    return link->layer == TRN_NO_LAYER
               ? 0
               : link->convolution.in_channels * trn_window_cells(&link->convolution.window);
}

size_t trn_spike_link_rows(const struct trn_spike_link *link)
{
    return link->layer == TRN_NO_LAYER ? 0 : link->convolution.out_channels;
}

size_t trn_spike_link_values(const struct trn_spike_link *link)
{
    const struct trn_convolution *c = &link->convolution;

    return link->layer == TRN_NO_LAYER
               ? 0
               : c->groups * c->in_channels * c->window.height * c->window.width;
}

size_t trn_spike_link_events(const struct trn_spike_link *link)
{
    return trn_spike_link_columns(link) * link->most_taps;
}

/* One place of one group. */
struct place {
    const struct trn_spike_link *link;
    size_t y, x;    /* of the window's corner, off by the padding */
    size_t channel; /* pixel 0 of the group's channels */
    struct trn_spike_target target;
};

static struct place place_of(const struct trn_spike_link *link, size_t g, size_t p)
{
    const struct trn_convolution *c = &link->convolution;
    const struct trnnsf_window *window = &c->window;
    size_t places = window->out_height * window->out_width;

    return (struct place){link,
                          p / window->out_width * window->stride_height,
                          p % window->out_width * window->stride_width,
                          g * c->in_channels * window->height * window->width,
                          {g * c->out_channels * places + p, places, link->targets}};
}

/* The pixel of a column; SIZE_MAX off the image. What is before it wraps around. */
static inline size_t pixel_of(const struct place *place, size_t column)
{
    const struct trnnsf_window *window = &place->link->convolution.window;
    const struct trn_spike_cell *cell = &place->link->cells[column];
    size_t y = place->y + cell->y - window->pad_top, x = place->x + cell->x - window->pad_left;

    return y < window->height && x < window->width
               ? place->channel + cell->first + y * window->width + x
               : SIZE_MAX;
}

/* The columns that spike, of columns[n], or of all where it is NULL. */
static size_t find_events(const struct place *place, const struct trn_spike_trains *spikes,
                          size_t n, const uint32_t *columns, struct trn_spike_event *events)
{
    const struct trn_spike_link *link = place->link;
    size_t count = 0;

    for (size_t k = 0; k < n; k++) {
        size_t pixel = pixel_of(place, columns ? columns[k] : k);

        if (pixel == SIZE_MAX)
            continue;
        size_t first = link->tap_start ? link->tap_start[pixel] : pixel;
        size_t end = link->tap_start ? link->tap_start[pixel + 1] : pixel + 1;

        for (size_t t = first; t < end; t++) {
            size_t neuron = link->tap_start ? link->taps[t] : t;
            uint32_t mask = spikes->masks[neuron];

            if (mask)
                events[count++] = (struct trn_spike_event){
                    (uint32_t)k, mask, spikes->sizes && spikes->sizes[neuron] < 0};
        }
    }
    return count;
}

static void add_place(const struct place *place, const struct trn_synapses *synapses,
                      const struct trn_spike_trains *spikes, struct trn_spike_event *events,
                      int32_t *sums, size_t ld)
{
    for (size_t b = 0; b < synapses->n_blocks; b++) {
        const struct trn_spike_block *block = &synapses->blocks[b];
        size_t n = find_events(place, spikes, block->n_in, block->inputs, events);

        for (size_t tile = 0; n > 0 && tile < trn_spike_tiles(block); tile++)
            trn_spike_tile_put(block, tile, n, events, spikes->steps, &place->target, sums, ld);
    }
    if (!synapses->start)
        return;
    size_t n = find_events(place, spikes, trn_spike_link_columns(place->link), NULL, events);

    for (size_t e = 0; e < n; e++)
        trn_spike_scattered_put(synapses, &events[e], &place->target, sums, ld);
}

static void add_neurons(const struct trn_spike_link *link, const struct trn_spike_trains *spikes,
                        int32_t *sums, size_t ld)
{
    for (size_t i = 0; i < link->n_in; i++) {
        const struct trn_spike_event event = {(uint32_t)i, spikes->masks[i],
                                              spikes->sizes && spikes->sizes[i] < 0};

        if (event.mask)
            trn_spike_scattered_add(&link->synapses[0], &event, sums, ld);
    }
}

void trn_spike_link_add(const struct trn_spike_link *link, const struct trn_spike_trains *spikes,
                  struct trn_spike_event *events, int32_t *sums, size_t ld)
{
    const struct trnnsf_window *window = &link->convolution.window;

    if (link->layer == TRN_NO_LAYER) {
        add_neurons(link, spikes, sums, ld);
        return;
    }
    for (size_t g = 0; g < link->n_groups; g++) {
        for (size_t p = 0; p < window->out_height * window->out_width; p++) {
            struct place place = place_of(link, g, p);

            add_place(&place, &link->synapses[g], spikes, events, sums, ld);
        }
    }
}

static void gather(const struct place *place, const float *sizes, size_t n_columns, float *columns)
{
    const struct trn_spike_link *link = place->link;

    for (size_t j = 0; j < n_columns; j++) {
        size_t pixel = pixel_of(place, j);

        columns[j] = 0;
        if (pixel == SIZE_MAX)
            continue;
        size_t first = link->tap_start ? link->tap_start[pixel] : pixel;
        size_t end = link->tap_start ? link->tap_start[pixel + 1] : pixel + 1;

        for (size_t t = first; t < end; t++)
            columns[j] += sizes[link->tap_start ? link->taps[t] : t];
    }
}

void trn_spike_link_charge(const struct trn_spike_link *link, const float *sizes, float *columns,
                     double *rows, double *charges)
{
    const struct trnnsf_window *window = &link->convolution.window;
    size_t n_columns = trn_spike_link_columns(link), n_rows = trn_spike_link_rows(link);

    if (link->layer == TRN_NO_LAYER) {
        trn_spike_charge(&link->synapses[0], link->n_in, sizes, charges);
        return;
    }
    for (size_t g = 0; g < link->n_groups; g++) {
        for (size_t p = 0; p < window->out_height * window->out_width; p++) {
            struct place place = place_of(link, g, p);

            gather(&place, sizes, n_columns, columns);
            memset(rows, 0, n_rows * sizeof *rows);
            trn_spike_charge(&link->synapses[g], n_columns, columns, rows);
            for (size_t o = 0; o < n_rows; o++) {
                uint32_t neuron = trn_spike_target_of(&place.target, o);

                if (neuron != TRN_SPIKE_NOWHERE)
                    charges[neuron] += rows[o];
            }
        }
    }
}
