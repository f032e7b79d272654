/* The public structs as version 0.1.0 released them, and the values of all constants then. Drafted by
 * freeze.py; a released copy is never edited. layout_test.c compares the headers of today with it. */
#ifndef LAYOUTS_H
#define LAYOUTS_H

#include <trnnsf/trnnsf.h>

struct frozen_trnnsf_analog_options {
    size_t struct_size;
    uint64_t seed;
    uint32_t chip;
    uint32_t effects;
    double time_second;
    uint32_t compensation;
    uint32_t uniform;
    uint32_t subtraction;
    uint32_t wires_passes;
    double input_percentile;
    double sum_percentile;
    uint32_t network_ranges;
    uint32_t remap;
    uint32_t remap_starts;
    uint32_t reserved;
};

struct frozen_trnnsf_analog_study_options {
    size_t struct_size;
    uint32_t chips;
    uint32_t each;
};

struct frozen_trnnsf_analog_summary {
    size_t struct_size;
    double mean;
    double deviation;
    double least;
    double low;
    double median;
    double high;
    double most;
    double loss;
    double dac_saturation;
    double adc_saturation;
};

struct frozen_trnnsf_window {
    size_t struct_size;
    size_t height;
    size_t width;
    size_t kernel_height;
    size_t kernel_width;
    size_t stride_height;
    size_t stride_width;
    size_t dilation_height;
    size_t dilation_width;
    size_t pad_top;
    size_t pad_left;
    size_t out_height;
    size_t out_width;
};

struct frozen_trnnsf_backend_ops {
    size_t struct_size;
    uint32_t api_version;
    uint32_t flags;
    const char *name;
    void *self;
    trnnsf_status (*gemm)(void *self, uint32_t transpose_a, uint32_t transpose_b, size_t m,
        size_t n, size_t k, float alpha, const float *a, size_t lda, const float *b, size_t ldb,
        float beta, float *c, size_t ldc);
    trnnsf_status (*masked_gemm)(void *self, uint32_t transpose_a, uint32_t transpose_b, size_t m,
        size_t n, size_t k, float alpha, const float *a, size_t lda, const float *b, size_t ldb,
        float beta, float *c, size_t ldc, const uint64_t *mask, size_t mask_stride);
    trnnsf_status (*block_multiply)(void *self, size_t n_rows, size_t n_columns, size_t n,
        const float *v, const uint32_t *rows, const uint32_t *columns, const float *x, size_t ldx,
        float *y, size_t ldy, float *scratch);
    trnnsf_status (*block_multiply_transposed)(void *self, size_t n_rows, size_t n_columns,
        size_t n, const float *v, const uint32_t *rows, const uint32_t *columns, const float *y,
        size_t ldy, float *x, size_t ldx, float *scratch);
    trnnsf_status (*block_gradient)(void *self, size_t n_rows, size_t n_columns, size_t n,
        float alpha, const uint32_t *rows, const uint32_t *columns, const float *y, size_t ldy,
        const float *x, size_t ldx, float *g, float *scratch);
    trnnsf_status (*sparse_multiply)(void *self, size_t n_rows, size_t n, const size_t *row_start,
        const uint32_t *column, const float *value, const float *x, size_t ldx, float beta,
        float *y, size_t ldy);
    trnnsf_status (*sparse_gradient)(void *self, size_t n_rows, size_t n, float alpha,
        const size_t *row_start, const uint32_t *column, const float *y, size_t ldy,
        const float *x, size_t ldx, float *g);
    trnnsf_status (*kmeans_assign)(void *self, size_t n, size_t k, size_t dimension,
        const double *points, size_t ld_points, const double *centres, size_t ld_centres,
        uint32_t *assignment, double *distance);
    trnnsf_status (*gather_rows)(void *self, size_t n_rows, size_t n, const uint32_t *index,
        const float *in, size_t ld_in, float *out, size_t ld_out);
    trnnsf_status (*scatter_add_rows)(void *self, size_t n_rows, size_t n, const uint32_t *index,
        const float *in, size_t ld_in, float *out, size_t ld_out);
    trnnsf_status (*gather_columns)(void *self, size_t n_rows, size_t n, const uint32_t *index,
        const float *in, size_t ld_in, float *out, size_t ld_out);
    trnnsf_status (*window_lower)(void *self, const struct trnnsf_window *window, size_t first,
        size_t n_rows, size_t n, const float *in, float *out, size_t ld_out);
    trnnsf_status (*window_raise)(void *self, const struct trnnsf_window *window, size_t first,
        size_t n_rows, size_t n, const float *out, size_t ld_out, float *in);
    trnnsf_status (*window_multiply)(void *self, const struct trnnsf_window *window, size_t n,
        const float *kernel, const float *in, float beta, float *out);
    trnnsf_status (*window_multiply_transposed)(void *self, const struct trnnsf_window *window,
        size_t n, const float *kernel, const float *out, float *in);
    trnnsf_status (*window_gradient)(void *self, const struct trnnsf_window *window, size_t n,
        float alpha, const float *out, const float *in, float beta, float *g);
    trnnsf_status (*window_lower_cells)(void *self, const struct trnnsf_window *window,
        size_t first, size_t n_rows, size_t n, const uint8_t *wanted, const float *in, float *out,
        size_t ld_out);
};

struct frozen_trnnsf_cluster_options {
    size_t struct_size;
    uint32_t variant;
    uint32_t k;
    uint32_t inputs;
    uint32_t outputs;
    double quality_first;
    double quality_last;
    double quality_step;
    uint32_t merge;
    uint32_t grow;
    uint64_t seed;
};

struct frozen_trnnsf_allocator {
    size_t struct_size;
    void *(*allocate)(size_t size, void *user);
    void *(*reallocate)(void *pointer, size_t size, void *user);
    void (*release)(void *pointer, void *user);
    void *user;
};

struct frozen_trnnsf_progress {
    size_t struct_size;
    const char *phase;
    const char *detail;
    uint64_t done;
    uint64_t total;
};

struct frozen_trnnsf_context_options {
    size_t struct_size;
    uint32_t threads;
    uint32_t log_level;
    const struct trnnsf_allocator *allocator;
    trnnsf_log_function log;
    void *log_user;
    trnnsf_progress_function progress;
    void *progress_user;
};

struct frozen_trnnsf_dataset_options {
    size_t struct_size;
    uint32_t grey;
    uint32_t standardise;
    double validation_fraction;
    uint64_t seed;
    uint32_t validation_last;
    uint32_t mirror;
    uint32_t channels;
    uint32_t height;
    uint32_t width;
    uint32_t reserved;
};

struct frozen_trnnsf_node_options {
    size_t struct_size;
    uint32_t kind;
    uint32_t activation;
    uint32_t bias;
    uint32_t outputs;
    uint32_t height;
    uint32_t width;
    uint32_t kernel_height;
    uint32_t kernel_width;
    uint32_t stride_height;
    uint32_t stride_width;
    uint32_t dilation_height;
    uint32_t dilation_width;
    uint32_t pad_top;
    uint32_t pad_left;
    uint32_t pad_bottom;
    uint32_t pad_right;
    uint32_t groups;
    uint32_t count_pad;
    double slope;
    double epsilon;
    double momentum;
    double dropout;
};

struct frozen_trnnsf_map_options {
    size_t struct_size;
    uint32_t rule;
    uint32_t cost;
    uint32_t scheme;
    uint32_t window_height;
    uint32_t window_width;
    uint32_t reserved;
};

struct frozen_trnnsf_mapped_layer {
    size_t struct_size;
    uint32_t scheme;
    uint32_t groups;
    uint64_t n_inputs;
    uint64_t n_outputs;
    uint64_t reads;
    uint64_t window_height;
    uint64_t window_width;
    uint64_t in_channels;
    uint64_t in_height;
    uint64_t in_width;
    uint64_t out_channels;
    uint64_t out_height;
    uint64_t out_width;
    uint64_t full;
};

struct frozen_trnnsf_crossbar {
    size_t struct_size;
    uint64_t layer;
    uint64_t shape_inputs;
    uint64_t shape_outputs;
    uint64_t n_inputs;
    uint64_t n_outputs;
    uint64_t synapses;
    uint32_t residue;
    uint32_t reserved;
    const uint32_t *inputs;
    const uint32_t *outputs;
    const float *weights;
};

struct frozen_trnnsf_crossbar_counts {
    size_t struct_size;
    uint64_t dense;
    uint64_t pruned;
    uint64_t clustered;
    uint64_t residue;
    uint64_t total;
    uint64_t lower_bound;
    uint64_t synapses;
    uint64_t synapses_dense;
    uint64_t inputs_used;
    uint64_t outputs_used;
    double utilisation;
};

struct frozen_trnnsf_network_options {
    size_t struct_size;
    uint32_t hidden_activation;
    uint32_t output_activation;
    uint32_t bias;
    uint32_t init;
    double init_scale;
    uint64_t seed;
};

struct frozen_trnnsf_evaluation {
    size_t struct_size;
    double accuracy;
    double loss;
    uint64_t correct;
    uint64_t samples;
};

struct frozen_trnnsf_quantise_options {
    size_t struct_size;
    uint32_t weight_levels;
    uint32_t unipolar;
    uint32_t activation_bits;
    uint32_t uniform;
    uint32_t exact_outputs;
    uint32_t tile_inputs;
    uint32_t tile_outputs;
    uint32_t reserved;
    double weight_range;
    double activation_range;
    double activation_quantile;
};

struct frozen_trnnsf_layer_device {
    size_t struct_size;
    uint32_t weight_levels;
    uint32_t unipolar;
    uint32_t input_bits;
    uint32_t input_signed;
    uint32_t output_bits;
    uint32_t output_signed;
    double weight_range;
    double input_range;
    double output_range;
};

struct frozen_trnnsf_nir_export_options {
    size_t struct_size;
    uint32_t precision;
    uint32_t readout;
    double dt;
};

struct frozen_trnnsf_nir_import_options {
    size_t struct_size;
    uint32_t reset;
    uint32_t reserved;
    double dt;
};

struct frozen_trnnsf_onnx_options {
    size_t struct_size;
    uint32_t mask_zeros;
    uint32_t reserved;
};

struct frozen_trnnsf_pack_options {
    size_t struct_size;
    uint32_t goal;
    uint32_t effort;
    size_t shapes;
    const uint32_t *inputs;
    const uint32_t *outputs;
    const double *cost;
    size_t crossbars;
    double cost_limit;
    double discard;
    uint64_t seed;
    uint32_t salience;
    uint32_t reserved;
};

struct frozen_trnnsf_pack_report {
    size_t struct_size;
    uint64_t blocks;
    double cost;
    double kept;
    double fill;
    double kept_most;
    double cost_least;
};

struct frozen_trnnsf_plot_options {
    size_t struct_size;
    const char *title;
    uint32_t columns;
    uint32_t reserved;
    double width;
    double height;
};

struct frozen_trnnsf_plot_series {
    size_t struct_size;
    const char *name;
    size_t count;
    const double *x;
    const double *y;
    const double *low;
    const double *high;
    uint32_t spread;
    uint32_t reserved;
};

struct frozen_trnnsf_plot_lines_options {
    size_t struct_size;
    const char *title;
    const char *x_label;
    const char *x_unit;
    const char *y_label;
    const char *y_unit;
    uint32_t x_scale;
    uint32_t y_scale;
    double y_low;
    double y_high;
    double level;
    const char *level_name;
};

struct frozen_trnnsf_plot_group {
    size_t struct_size;
    const char *name;
    size_t count;
    const double *samples;
    const double *counts;
};

struct frozen_trnnsf_plot_histogram_options {
    size_t struct_size;
    const char *title;
    const char *x_label;
    const char *x_unit;
    const char *y_label;
    uint32_t x_scale;
    uint32_t y_scale;
    uint32_t bins;
    uint32_t shares;
    const double *edges;
};

struct frozen_trnnsf_plot_map_options {
    size_t struct_size;
    const char *title;
    const char *x_label;
    const char *y_label;
    const char *value_label;
    const char *value_unit;
    double low;
    double high;
};

struct frozen_trnnsf_remap_options {
    size_t struct_size;
    uint64_t seed;
    uint32_t means;
    uint32_t starts;
    uint32_t rounds;
    uint32_t spare;
};

struct frozen_trnnsf_remap_errors {
    size_t struct_size;
    double before;
    double after;
    double signal;
    uint64_t compensated;
};

struct frozen_trnnsf_reorder_options {
    size_t struct_size;
    uint32_t inputs;
    uint32_t outputs;
    uint32_t effort;
    uint32_t gaps;
    uint64_t seed;
};

struct frozen_trnnsf_report_entry {
    size_t struct_size;
    const char *method;
    const trnnsf_network *network;
    const trnnsf_mapping *mapping;
    const trnnsf_tech *tech;
    const trnnsf_dataset *dataset;
    const trnnsf_run *run;
    uint64_t seed;
    double seconds;
    const trnnsf_search *search;
    const trnnsf_spike_record *spikes;
};

struct frozen_trnnsf_step {
    size_t struct_size;
    uint64_t epoch;
    uint64_t epochs;
    double loss;
    double train_accuracy;
    double validation_accuracy;
    double sparsity;
    uint64_t clusters;
    uint64_t crossbars;
    const char *phase;
};

struct frozen_trnnsf_search_options {
    size_t struct_size;
    uint32_t target;
    uint32_t trials;
    double limit;
    uint32_t spiking_steps;
    uint32_t reserved;
};

struct frozen_trnnsf_trial {
    size_t struct_size;
    uint64_t budget;
    uint64_t crossbars;
    double validation_accuracy;
    uint32_t met;
    uint32_t variant;
    double area;
    double energy;
};

struct frozen_trnnsf_spiking_options {
    size_t struct_size;
    uint32_t reset;
    uint32_t balance;
    uint32_t calibration;
    uint32_t steps;
    double percentile;
    double leak;
    double initial;
};

struct frozen_trnnsf_spike_run_options {
    size_t struct_size;
    uint32_t steps;
    uint32_t coding;
    uint32_t readout;
    uint32_t patience;
    uint64_t seed;
    uint32_t traffic;
    uint32_t reserved;
};

struct frozen_trnnsf_spike_traffic {
    size_t struct_size;
    double spikes;
    double rows;
    double messages;
    double reads;
    double updates;
};

struct frozen_trnnsf_rate_report {
    size_t struct_size;
    double rate;
    double activation;
    double error;
    double bias;
    double clipped;
    double silent;
    double correlation;
};

struct frozen_trnnsf_tech_measurements_options {
    size_t struct_size;
    const char *name;
    uint32_t degree;
    uint32_t bins;
    double stuck_range;
};

struct frozen_trnnsf_decompose_options {
    size_t struct_size;
    uint32_t fan_in;
    uint32_t form;
    uint32_t rule;
    uint32_t order;
    uint32_t steps;
    uint32_t cut;
    double k;
    uint32_t whole;
    uint32_t reserved;
};

struct frozen_trnnsf_tile_map_options {
    size_t struct_size;
    uint32_t inputs;
    uint32_t outputs;
    uint32_t rule;
    uint32_t sum_rows;
    uint32_t passes;
    uint32_t steps;
    uint64_t seed;
    double cell_joule;
};

struct frozen_trnnsf_tile_counts {
    size_t struct_size;
    uint64_t tiles;
    uint64_t neurons;
    uint64_t rows;
    uint64_t synapses;
    uint64_t sums;
    uint64_t fan_in;
    uint64_t depth;
    double neuron_utilisation;
    double row_utilisation;
    double synapse_utilisation;
    double packets_between;
    double packets_in;
    double packets_local;
    double idle_joule;
    double driven_joule;
};

struct frozen_trnnsf_tile_placement_options {
    size_t struct_size;
    uint32_t width;
    uint32_t height;
    uint32_t inputs;
    uint32_t moves;
    uint64_t seed;
    uint32_t packet_bits;
    uint32_t reserved;
    double router_joule;
    double link_joule;
    double hop_second;
};

struct frozen_trnnsf_tile_traffic {
    size_t struct_size;
    uint64_t width;
    uint64_t height;
    uint64_t most_hops;
    double packets;
    double hops;
    double first_hops;
    double busiest_link;
    double router_joule;
    double link_joule;
    double latency_second;
    double busy_second;
};

struct frozen_trnnsf_trainer_options {
    size_t struct_size;
    uint32_t optimiser;
    uint32_t loss;
    uint32_t batch;
    uint32_t epochs;
    uint32_t rate_schedule;
    uint32_t rate_period;
    double rate;
    double rate_factor;
    double momentum;
    double adam_beta1;
    double adam_beta2;
    double adam_epsilon;
    double l2;
    double input_dropout;
    double hidden_dropout;
    uint32_t classic_dropout;
    uint32_t reserved;
    uint64_t seed;
    uint32_t weight_levels;
    uint32_t unipolar;
    uint32_t activation_bits;
    uint32_t uniform;
    uint32_t device_first;
    uint32_t tile_inputs;
    uint32_t tile_outputs;
    uint32_t exact_outputs;
    uint32_t sign_rounds;
    uint32_t sign_samples;
    double weight_range;
    double activation_range;
    double activation_quantile;
    double weight_noise;
    double device_rate;
    double stuck_on;
    double stuck_off;
    uint32_t shift;
    uint32_t reserved_2;
    uint32_t crop;
    uint32_t crop_fill;
    uint32_t flip;
    uint32_t nesterov;
    uint32_t average;
    uint32_t average_from;
    double average_decay;
    double label_smoothing;
};

struct frozen_trnnsf_epoch {
    size_t struct_size;
    uint64_t epoch;
    double loss;
    double train_accuracy;
    double rate;
};

struct frozen_trnnsf_wires_options {
    size_t struct_size;
    double word_ohm;
    double bit_ohm;
    double driver_ohm;
    double sense_ohm;
    double cell_ohm;
    double alpha_per_volt;
    uint32_t driver_ends;
    uint32_t sense_ends;
    uint32_t iterations;
    uint32_t reserved;
};

/* M(struct, member) of every member. */
#define FROZEN_MEMBERS(M) \
    M(trnnsf_analog_options, struct_size) \
    M(trnnsf_analog_options, seed) \
    M(trnnsf_analog_options, chip) \
    M(trnnsf_analog_options, effects) \
    M(trnnsf_analog_options, time_second) \
    M(trnnsf_analog_options, compensation) \
    M(trnnsf_analog_options, uniform) \
    M(trnnsf_analog_options, subtraction) \
    M(trnnsf_analog_options, wires_passes) \
    M(trnnsf_analog_options, input_percentile) \
    M(trnnsf_analog_options, sum_percentile) \
    M(trnnsf_analog_options, network_ranges) \
    M(trnnsf_analog_options, remap) \
    M(trnnsf_analog_options, remap_starts) \
    M(trnnsf_analog_options, reserved) \
    M(trnnsf_analog_study_options, struct_size) \
    M(trnnsf_analog_study_options, chips) \
    M(trnnsf_analog_study_options, each) \
    M(trnnsf_analog_summary, struct_size) \
    M(trnnsf_analog_summary, mean) \
    M(trnnsf_analog_summary, deviation) \
    M(trnnsf_analog_summary, least) \
    M(trnnsf_analog_summary, low) \
    M(trnnsf_analog_summary, median) \
    M(trnnsf_analog_summary, high) \
    M(trnnsf_analog_summary, most) \
    M(trnnsf_analog_summary, loss) \
    M(trnnsf_analog_summary, dac_saturation) \
    M(trnnsf_analog_summary, adc_saturation) \
    M(trnnsf_window, struct_size) \
    M(trnnsf_window, height) \
    M(trnnsf_window, width) \
    M(trnnsf_window, kernel_height) \
    M(trnnsf_window, kernel_width) \
    M(trnnsf_window, stride_height) \
    M(trnnsf_window, stride_width) \
    M(trnnsf_window, dilation_height) \
    M(trnnsf_window, dilation_width) \
    M(trnnsf_window, pad_top) \
    M(trnnsf_window, pad_left) \
    M(trnnsf_window, out_height) \
    M(trnnsf_window, out_width) \
    M(trnnsf_backend_ops, struct_size) \
    M(trnnsf_backend_ops, api_version) \
    M(trnnsf_backend_ops, flags) \
    M(trnnsf_backend_ops, name) \
    M(trnnsf_backend_ops, self) \
    M(trnnsf_backend_ops, gemm) \
    M(trnnsf_backend_ops, masked_gemm) \
    M(trnnsf_backend_ops, block_multiply) \
    M(trnnsf_backend_ops, block_multiply_transposed) \
    M(trnnsf_backend_ops, block_gradient) \
    M(trnnsf_backend_ops, sparse_multiply) \
    M(trnnsf_backend_ops, sparse_gradient) \
    M(trnnsf_backend_ops, kmeans_assign) \
    M(trnnsf_backend_ops, gather_rows) \
    M(trnnsf_backend_ops, scatter_add_rows) \
    M(trnnsf_backend_ops, gather_columns) \
    M(trnnsf_backend_ops, window_lower) \
    M(trnnsf_backend_ops, window_raise) \
    M(trnnsf_backend_ops, window_multiply) \
    M(trnnsf_backend_ops, window_multiply_transposed) \
    M(trnnsf_backend_ops, window_gradient) \
    M(trnnsf_backend_ops, window_lower_cells) \
    M(trnnsf_cluster_options, struct_size) \
    M(trnnsf_cluster_options, variant) \
    M(trnnsf_cluster_options, k) \
    M(trnnsf_cluster_options, inputs) \
    M(trnnsf_cluster_options, outputs) \
    M(trnnsf_cluster_options, quality_first) \
    M(trnnsf_cluster_options, quality_last) \
    M(trnnsf_cluster_options, quality_step) \
    M(trnnsf_cluster_options, merge) \
    M(trnnsf_cluster_options, grow) \
    M(trnnsf_cluster_options, seed) \
    M(trnnsf_allocator, struct_size) \
    M(trnnsf_allocator, allocate) \
    M(trnnsf_allocator, reallocate) \
    M(trnnsf_allocator, release) \
    M(trnnsf_allocator, user) \
    M(trnnsf_progress, struct_size) \
    M(trnnsf_progress, phase) \
    M(trnnsf_progress, detail) \
    M(trnnsf_progress, done) \
    M(trnnsf_progress, total) \
    M(trnnsf_context_options, struct_size) \
    M(trnnsf_context_options, threads) \
    M(trnnsf_context_options, log_level) \
    M(trnnsf_context_options, allocator) \
    M(trnnsf_context_options, log) \
    M(trnnsf_context_options, log_user) \
    M(trnnsf_context_options, progress) \
    M(trnnsf_context_options, progress_user) \
    M(trnnsf_dataset_options, struct_size) \
    M(trnnsf_dataset_options, grey) \
    M(trnnsf_dataset_options, standardise) \
    M(trnnsf_dataset_options, validation_fraction) \
    M(trnnsf_dataset_options, seed) \
    M(trnnsf_dataset_options, validation_last) \
    M(trnnsf_dataset_options, mirror) \
    M(trnnsf_dataset_options, channels) \
    M(trnnsf_dataset_options, height) \
    M(trnnsf_dataset_options, width) \
    M(trnnsf_dataset_options, reserved) \
    M(trnnsf_node_options, struct_size) \
    M(trnnsf_node_options, kind) \
    M(trnnsf_node_options, activation) \
    M(trnnsf_node_options, bias) \
    M(trnnsf_node_options, outputs) \
    M(trnnsf_node_options, height) \
    M(trnnsf_node_options, width) \
    M(trnnsf_node_options, kernel_height) \
    M(trnnsf_node_options, kernel_width) \
    M(trnnsf_node_options, stride_height) \
    M(trnnsf_node_options, stride_width) \
    M(trnnsf_node_options, dilation_height) \
    M(trnnsf_node_options, dilation_width) \
    M(trnnsf_node_options, pad_top) \
    M(trnnsf_node_options, pad_left) \
    M(trnnsf_node_options, pad_bottom) \
    M(trnnsf_node_options, pad_right) \
    M(trnnsf_node_options, groups) \
    M(trnnsf_node_options, count_pad) \
    M(trnnsf_node_options, slope) \
    M(trnnsf_node_options, epsilon) \
    M(trnnsf_node_options, momentum) \
    M(trnnsf_node_options, dropout) \
    M(trnnsf_map_options, struct_size) \
    M(trnnsf_map_options, rule) \
    M(trnnsf_map_options, cost) \
    M(trnnsf_map_options, scheme) \
    M(trnnsf_map_options, window_height) \
    M(trnnsf_map_options, window_width) \
    M(trnnsf_map_options, reserved) \
    M(trnnsf_mapped_layer, struct_size) \
    M(trnnsf_mapped_layer, scheme) \
    M(trnnsf_mapped_layer, groups) \
    M(trnnsf_mapped_layer, n_inputs) \
    M(trnnsf_mapped_layer, n_outputs) \
    M(trnnsf_mapped_layer, reads) \
    M(trnnsf_mapped_layer, window_height) \
    M(trnnsf_mapped_layer, window_width) \
    M(trnnsf_mapped_layer, in_channels) \
    M(trnnsf_mapped_layer, in_height) \
    M(trnnsf_mapped_layer, in_width) \
    M(trnnsf_mapped_layer, out_channels) \
    M(trnnsf_mapped_layer, out_height) \
    M(trnnsf_mapped_layer, out_width) \
    M(trnnsf_mapped_layer, full) \
    M(trnnsf_crossbar, struct_size) \
    M(trnnsf_crossbar, layer) \
    M(trnnsf_crossbar, shape_inputs) \
    M(trnnsf_crossbar, shape_outputs) \
    M(trnnsf_crossbar, n_inputs) \
    M(trnnsf_crossbar, n_outputs) \
    M(trnnsf_crossbar, synapses) \
    M(trnnsf_crossbar, residue) \
    M(trnnsf_crossbar, reserved) \
    M(trnnsf_crossbar, inputs) \
    M(trnnsf_crossbar, outputs) \
    M(trnnsf_crossbar, weights) \
    M(trnnsf_crossbar_counts, struct_size) \
    M(trnnsf_crossbar_counts, dense) \
    M(trnnsf_crossbar_counts, pruned) \
    M(trnnsf_crossbar_counts, clustered) \
    M(trnnsf_crossbar_counts, residue) \
    M(trnnsf_crossbar_counts, total) \
    M(trnnsf_crossbar_counts, lower_bound) \
    M(trnnsf_crossbar_counts, synapses) \
    M(trnnsf_crossbar_counts, synapses_dense) \
    M(trnnsf_crossbar_counts, inputs_used) \
    M(trnnsf_crossbar_counts, outputs_used) \
    M(trnnsf_crossbar_counts, utilisation) \
    M(trnnsf_network_options, struct_size) \
    M(trnnsf_network_options, hidden_activation) \
    M(trnnsf_network_options, output_activation) \
    M(trnnsf_network_options, bias) \
    M(trnnsf_network_options, init) \
    M(trnnsf_network_options, init_scale) \
    M(trnnsf_network_options, seed) \
    M(trnnsf_evaluation, struct_size) \
    M(trnnsf_evaluation, accuracy) \
    M(trnnsf_evaluation, loss) \
    M(trnnsf_evaluation, correct) \
    M(trnnsf_evaluation, samples) \
    M(trnnsf_quantise_options, struct_size) \
    M(trnnsf_quantise_options, weight_levels) \
    M(trnnsf_quantise_options, unipolar) \
    M(trnnsf_quantise_options, activation_bits) \
    M(trnnsf_quantise_options, uniform) \
    M(trnnsf_quantise_options, exact_outputs) \
    M(trnnsf_quantise_options, tile_inputs) \
    M(trnnsf_quantise_options, tile_outputs) \
    M(trnnsf_quantise_options, reserved) \
    M(trnnsf_quantise_options, weight_range) \
    M(trnnsf_quantise_options, activation_range) \
    M(trnnsf_quantise_options, activation_quantile) \
    M(trnnsf_layer_device, struct_size) \
    M(trnnsf_layer_device, weight_levels) \
    M(trnnsf_layer_device, unipolar) \
    M(trnnsf_layer_device, input_bits) \
    M(trnnsf_layer_device, input_signed) \
    M(trnnsf_layer_device, output_bits) \
    M(trnnsf_layer_device, output_signed) \
    M(trnnsf_layer_device, weight_range) \
    M(trnnsf_layer_device, input_range) \
    M(trnnsf_layer_device, output_range) \
    M(trnnsf_nir_export_options, struct_size) \
    M(trnnsf_nir_export_options, precision) \
    M(trnnsf_nir_export_options, readout) \
    M(trnnsf_nir_export_options, dt) \
    M(trnnsf_nir_import_options, struct_size) \
    M(trnnsf_nir_import_options, reset) \
    M(trnnsf_nir_import_options, reserved) \
    M(trnnsf_nir_import_options, dt) \
    M(trnnsf_onnx_options, struct_size) \
    M(trnnsf_onnx_options, mask_zeros) \
    M(trnnsf_onnx_options, reserved) \
    M(trnnsf_pack_options, struct_size) \
    M(trnnsf_pack_options, goal) \
    M(trnnsf_pack_options, effort) \
    M(trnnsf_pack_options, shapes) \
    M(trnnsf_pack_options, inputs) \
    M(trnnsf_pack_options, outputs) \
    M(trnnsf_pack_options, cost) \
    M(trnnsf_pack_options, crossbars) \
    M(trnnsf_pack_options, cost_limit) \
    M(trnnsf_pack_options, discard) \
    M(trnnsf_pack_options, seed) \
    M(trnnsf_pack_options, salience) \
    M(trnnsf_pack_options, reserved) \
    M(trnnsf_pack_report, struct_size) \
    M(trnnsf_pack_report, blocks) \
    M(trnnsf_pack_report, cost) \
    M(trnnsf_pack_report, kept) \
    M(trnnsf_pack_report, fill) \
    M(trnnsf_pack_report, kept_most) \
    M(trnnsf_pack_report, cost_least) \
    M(trnnsf_plot_options, struct_size) \
    M(trnnsf_plot_options, title) \
    M(trnnsf_plot_options, columns) \
    M(trnnsf_plot_options, reserved) \
    M(trnnsf_plot_options, width) \
    M(trnnsf_plot_options, height) \
    M(trnnsf_plot_series, struct_size) \
    M(trnnsf_plot_series, name) \
    M(trnnsf_plot_series, count) \
    M(trnnsf_plot_series, x) \
    M(trnnsf_plot_series, y) \
    M(trnnsf_plot_series, low) \
    M(trnnsf_plot_series, high) \
    M(trnnsf_plot_series, spread) \
    M(trnnsf_plot_series, reserved) \
    M(trnnsf_plot_lines_options, struct_size) \
    M(trnnsf_plot_lines_options, title) \
    M(trnnsf_plot_lines_options, x_label) \
    M(trnnsf_plot_lines_options, x_unit) \
    M(trnnsf_plot_lines_options, y_label) \
    M(trnnsf_plot_lines_options, y_unit) \
    M(trnnsf_plot_lines_options, x_scale) \
    M(trnnsf_plot_lines_options, y_scale) \
    M(trnnsf_plot_lines_options, y_low) \
    M(trnnsf_plot_lines_options, y_high) \
    M(trnnsf_plot_lines_options, level) \
    M(trnnsf_plot_lines_options, level_name) \
    M(trnnsf_plot_group, struct_size) \
    M(trnnsf_plot_group, name) \
    M(trnnsf_plot_group, count) \
    M(trnnsf_plot_group, samples) \
    M(trnnsf_plot_group, counts) \
    M(trnnsf_plot_histogram_options, struct_size) \
    M(trnnsf_plot_histogram_options, title) \
    M(trnnsf_plot_histogram_options, x_label) \
    M(trnnsf_plot_histogram_options, x_unit) \
    M(trnnsf_plot_histogram_options, y_label) \
    M(trnnsf_plot_histogram_options, x_scale) \
    M(trnnsf_plot_histogram_options, y_scale) \
    M(trnnsf_plot_histogram_options, bins) \
    M(trnnsf_plot_histogram_options, shares) \
    M(trnnsf_plot_histogram_options, edges) \
    M(trnnsf_plot_map_options, struct_size) \
    M(trnnsf_plot_map_options, title) \
    M(trnnsf_plot_map_options, x_label) \
    M(trnnsf_plot_map_options, y_label) \
    M(trnnsf_plot_map_options, value_label) \
    M(trnnsf_plot_map_options, value_unit) \
    M(trnnsf_plot_map_options, low) \
    M(trnnsf_plot_map_options, high) \
    M(trnnsf_remap_options, struct_size) \
    M(trnnsf_remap_options, seed) \
    M(trnnsf_remap_options, means) \
    M(trnnsf_remap_options, starts) \
    M(trnnsf_remap_options, rounds) \
    M(trnnsf_remap_options, spare) \
    M(trnnsf_remap_errors, struct_size) \
    M(trnnsf_remap_errors, before) \
    M(trnnsf_remap_errors, after) \
    M(trnnsf_remap_errors, signal) \
    M(trnnsf_remap_errors, compensated) \
    M(trnnsf_reorder_options, struct_size) \
    M(trnnsf_reorder_options, inputs) \
    M(trnnsf_reorder_options, outputs) \
    M(trnnsf_reorder_options, effort) \
    M(trnnsf_reorder_options, gaps) \
    M(trnnsf_reorder_options, seed) \
    M(trnnsf_report_entry, struct_size) \
    M(trnnsf_report_entry, method) \
    M(trnnsf_report_entry, network) \
    M(trnnsf_report_entry, mapping) \
    M(trnnsf_report_entry, tech) \
    M(trnnsf_report_entry, dataset) \
    M(trnnsf_report_entry, run) \
    M(trnnsf_report_entry, seed) \
    M(trnnsf_report_entry, seconds) \
    M(trnnsf_report_entry, search) \
    M(trnnsf_report_entry, spikes) \
    M(trnnsf_step, struct_size) \
    M(trnnsf_step, epoch) \
    M(trnnsf_step, epochs) \
    M(trnnsf_step, loss) \
    M(trnnsf_step, train_accuracy) \
    M(trnnsf_step, validation_accuracy) \
    M(trnnsf_step, sparsity) \
    M(trnnsf_step, clusters) \
    M(trnnsf_step, crossbars) \
    M(trnnsf_step, phase) \
    M(trnnsf_search_options, struct_size) \
    M(trnnsf_search_options, target) \
    M(trnnsf_search_options, trials) \
    M(trnnsf_search_options, limit) \
    M(trnnsf_search_options, spiking_steps) \
    M(trnnsf_search_options, reserved) \
    M(trnnsf_trial, struct_size) \
    M(trnnsf_trial, budget) \
    M(trnnsf_trial, crossbars) \
    M(trnnsf_trial, validation_accuracy) \
    M(trnnsf_trial, met) \
    M(trnnsf_trial, variant) \
    M(trnnsf_trial, area) \
    M(trnnsf_trial, energy) \
    M(trnnsf_spiking_options, struct_size) \
    M(trnnsf_spiking_options, reset) \
    M(trnnsf_spiking_options, balance) \
    M(trnnsf_spiking_options, calibration) \
    M(trnnsf_spiking_options, steps) \
    M(trnnsf_spiking_options, percentile) \
    M(trnnsf_spiking_options, leak) \
    M(trnnsf_spiking_options, initial) \
    M(trnnsf_spike_run_options, struct_size) \
    M(trnnsf_spike_run_options, steps) \
    M(trnnsf_spike_run_options, coding) \
    M(trnnsf_spike_run_options, readout) \
    M(trnnsf_spike_run_options, patience) \
    M(trnnsf_spike_run_options, seed) \
    M(trnnsf_spike_run_options, traffic) \
    M(trnnsf_spike_run_options, reserved) \
    M(trnnsf_spike_traffic, struct_size) \
    M(trnnsf_spike_traffic, spikes) \
    M(trnnsf_spike_traffic, rows) \
    M(trnnsf_spike_traffic, messages) \
    M(trnnsf_spike_traffic, reads) \
    M(trnnsf_spike_traffic, updates) \
    M(trnnsf_rate_report, struct_size) \
    M(trnnsf_rate_report, rate) \
    M(trnnsf_rate_report, activation) \
    M(trnnsf_rate_report, error) \
    M(trnnsf_rate_report, bias) \
    M(trnnsf_rate_report, clipped) \
    M(trnnsf_rate_report, silent) \
    M(trnnsf_rate_report, correlation) \
    M(trnnsf_tech_measurements_options, struct_size) \
    M(trnnsf_tech_measurements_options, name) \
    M(trnnsf_tech_measurements_options, degree) \
    M(trnnsf_tech_measurements_options, bins) \
    M(trnnsf_tech_measurements_options, stuck_range) \
    M(trnnsf_decompose_options, struct_size) \
    M(trnnsf_decompose_options, fan_in) \
    M(trnnsf_decompose_options, form) \
    M(trnnsf_decompose_options, rule) \
    M(trnnsf_decompose_options, order) \
    M(trnnsf_decompose_options, steps) \
    M(trnnsf_decompose_options, cut) \
    M(trnnsf_decompose_options, k) \
    M(trnnsf_decompose_options, whole) \
    M(trnnsf_decompose_options, reserved) \
    M(trnnsf_tile_map_options, struct_size) \
    M(trnnsf_tile_map_options, inputs) \
    M(trnnsf_tile_map_options, outputs) \
    M(trnnsf_tile_map_options, rule) \
    M(trnnsf_tile_map_options, sum_rows) \
    M(trnnsf_tile_map_options, passes) \
    M(trnnsf_tile_map_options, steps) \
    M(trnnsf_tile_map_options, seed) \
    M(trnnsf_tile_map_options, cell_joule) \
    M(trnnsf_tile_counts, struct_size) \
    M(trnnsf_tile_counts, tiles) \
    M(trnnsf_tile_counts, neurons) \
    M(trnnsf_tile_counts, rows) \
    M(trnnsf_tile_counts, synapses) \
    M(trnnsf_tile_counts, sums) \
    M(trnnsf_tile_counts, fan_in) \
    M(trnnsf_tile_counts, depth) \
    M(trnnsf_tile_counts, neuron_utilisation) \
    M(trnnsf_tile_counts, row_utilisation) \
    M(trnnsf_tile_counts, synapse_utilisation) \
    M(trnnsf_tile_counts, packets_between) \
    M(trnnsf_tile_counts, packets_in) \
    M(trnnsf_tile_counts, packets_local) \
    M(trnnsf_tile_counts, idle_joule) \
    M(trnnsf_tile_counts, driven_joule) \
    M(trnnsf_tile_placement_options, struct_size) \
    M(trnnsf_tile_placement_options, width) \
    M(trnnsf_tile_placement_options, height) \
    M(trnnsf_tile_placement_options, inputs) \
    M(trnnsf_tile_placement_options, moves) \
    M(trnnsf_tile_placement_options, seed) \
    M(trnnsf_tile_placement_options, packet_bits) \
    M(trnnsf_tile_placement_options, reserved) \
    M(trnnsf_tile_placement_options, router_joule) \
    M(trnnsf_tile_placement_options, link_joule) \
    M(trnnsf_tile_placement_options, hop_second) \
    M(trnnsf_tile_traffic, struct_size) \
    M(trnnsf_tile_traffic, width) \
    M(trnnsf_tile_traffic, height) \
    M(trnnsf_tile_traffic, most_hops) \
    M(trnnsf_tile_traffic, packets) \
    M(trnnsf_tile_traffic, hops) \
    M(trnnsf_tile_traffic, first_hops) \
    M(trnnsf_tile_traffic, busiest_link) \
    M(trnnsf_tile_traffic, router_joule) \
    M(trnnsf_tile_traffic, link_joule) \
    M(trnnsf_tile_traffic, latency_second) \
    M(trnnsf_tile_traffic, busy_second) \
    M(trnnsf_trainer_options, struct_size) \
    M(trnnsf_trainer_options, optimiser) \
    M(trnnsf_trainer_options, loss) \
    M(trnnsf_trainer_options, batch) \
    M(trnnsf_trainer_options, epochs) \
    M(trnnsf_trainer_options, rate_schedule) \
    M(trnnsf_trainer_options, rate_period) \
    M(trnnsf_trainer_options, rate) \
    M(trnnsf_trainer_options, rate_factor) \
    M(trnnsf_trainer_options, momentum) \
    M(trnnsf_trainer_options, adam_beta1) \
    M(trnnsf_trainer_options, adam_beta2) \
    M(trnnsf_trainer_options, adam_epsilon) \
    M(trnnsf_trainer_options, l2) \
    M(trnnsf_trainer_options, input_dropout) \
    M(trnnsf_trainer_options, hidden_dropout) \
    M(trnnsf_trainer_options, classic_dropout) \
    M(trnnsf_trainer_options, reserved) \
    M(trnnsf_trainer_options, seed) \
    M(trnnsf_trainer_options, weight_levels) \
    M(trnnsf_trainer_options, unipolar) \
    M(trnnsf_trainer_options, activation_bits) \
    M(trnnsf_trainer_options, uniform) \
    M(trnnsf_trainer_options, device_first) \
    M(trnnsf_trainer_options, tile_inputs) \
    M(trnnsf_trainer_options, tile_outputs) \
    M(trnnsf_trainer_options, exact_outputs) \
    M(trnnsf_trainer_options, sign_rounds) \
    M(trnnsf_trainer_options, sign_samples) \
    M(trnnsf_trainer_options, weight_range) \
    M(trnnsf_trainer_options, activation_range) \
    M(trnnsf_trainer_options, activation_quantile) \
    M(trnnsf_trainer_options, weight_noise) \
    M(trnnsf_trainer_options, device_rate) \
    M(trnnsf_trainer_options, stuck_on) \
    M(trnnsf_trainer_options, stuck_off) \
    M(trnnsf_trainer_options, shift) \
    M(trnnsf_trainer_options, reserved_2) \
    M(trnnsf_trainer_options, crop) \
    M(trnnsf_trainer_options, crop_fill) \
    M(trnnsf_trainer_options, flip) \
    M(trnnsf_trainer_options, nesterov) \
    M(trnnsf_trainer_options, average) \
    M(trnnsf_trainer_options, average_from) \
    M(trnnsf_trainer_options, average_decay) \
    M(trnnsf_trainer_options, label_smoothing) \
    M(trnnsf_epoch, struct_size) \
    M(trnnsf_epoch, epoch) \
    M(trnnsf_epoch, loss) \
    M(trnnsf_epoch, train_accuracy) \
    M(trnnsf_epoch, rate) \
    M(trnnsf_wires_options, struct_size) \
    M(trnnsf_wires_options, word_ohm) \
    M(trnnsf_wires_options, bit_ohm) \
    M(trnnsf_wires_options, driver_ohm) \
    M(trnnsf_wires_options, sense_ohm) \
    M(trnnsf_wires_options, cell_ohm) \
    M(trnnsf_wires_options, alpha_per_volt) \
    M(trnnsf_wires_options, driver_ends) \
    M(trnnsf_wires_options, sense_ends) \
    M(trnnsf_wires_options, iterations) \
    M(trnnsf_wires_options, reserved)

/* S(struct) of every struct. */
#define FROZEN_STRUCTS(S) \
    S(trnnsf_analog_options) \
    S(trnnsf_analog_study_options) \
    S(trnnsf_analog_summary) \
    S(trnnsf_window) \
    S(trnnsf_backend_ops) \
    S(trnnsf_cluster_options) \
    S(trnnsf_allocator) \
    S(trnnsf_progress) \
    S(trnnsf_context_options) \
    S(trnnsf_dataset_options) \
    S(trnnsf_node_options) \
    S(trnnsf_map_options) \
    S(trnnsf_mapped_layer) \
    S(trnnsf_crossbar) \
    S(trnnsf_crossbar_counts) \
    S(trnnsf_network_options) \
    S(trnnsf_evaluation) \
    S(trnnsf_quantise_options) \
    S(trnnsf_layer_device) \
    S(trnnsf_nir_export_options) \
    S(trnnsf_nir_import_options) \
    S(trnnsf_onnx_options) \
    S(trnnsf_pack_options) \
    S(trnnsf_pack_report) \
    S(trnnsf_plot_options) \
    S(trnnsf_plot_series) \
    S(trnnsf_plot_lines_options) \
    S(trnnsf_plot_group) \
    S(trnnsf_plot_histogram_options) \
    S(trnnsf_plot_map_options) \
    S(trnnsf_remap_options) \
    S(trnnsf_remap_errors) \
    S(trnnsf_reorder_options) \
    S(trnnsf_report_entry) \
    S(trnnsf_step) \
    S(trnnsf_search_options) \
    S(trnnsf_trial) \
    S(trnnsf_spiking_options) \
    S(trnnsf_spike_run_options) \
    S(trnnsf_spike_traffic) \
    S(trnnsf_rate_report) \
    S(trnnsf_tech_measurements_options) \
    S(trnnsf_decompose_options) \
    S(trnnsf_tile_map_options) \
    S(trnnsf_tile_counts) \
    S(trnnsf_tile_placement_options) \
    S(trnnsf_tile_traffic) \
    S(trnnsf_trainer_options) \
    S(trnnsf_epoch) \
    S(trnnsf_wires_options)

/* C(constant, value) of every constant. */
#define FROZEN_CONSTANTS(C) \
    C(TRNNSF_OK, 0) \
    C(TRNNSF_E_INVALID, 1) \
    C(TRNNSF_E_NO_MEMORY, 2) \
    C(TRNNSF_E_CANCELLED, 3) \
    C(TRNNSF_E_IO, 4) \
    C(TRNNSF_E_FORMAT, 5) \
    C(TRNNSF_E_UNSUPPORTED, 6) \
    C(TRNNSF_E_LIMIT, 7) \
    C(TRNNSF_E_NUMERIC, 8) \
    C(TRNNSF_E_STATE, 9) \
    C(TRNNSF_E_NOT_FOUND, 10) \
    C(TRNNSF_E_MISMATCH, 11) \
    C(TRNNSF_E_CHECK, 12) \
    C(TRNNSF_ANALOG_LEVELS, 0x1) \
    C(TRNNSF_ANALOG_PULSES, 0x2) \
    C(TRNNSF_ANALOG_PROGRAMMING, 0x4) \
    C(TRNNSF_ANALOG_VARIATION, 0x8) \
    C(TRNNSF_ANALOG_STUCK, 0x10) \
    C(TRNNSF_ANALOG_READ_NOISE, 0x20) \
    C(TRNNSF_ANALOG_FLICKER, 0x40) \
    C(TRNNSF_ANALOG_DRIFT, 0x80) \
    C(TRNNSF_ANALOG_RETENTION, 0x100) \
    C(TRNNSF_ANALOG_NONLINEAR, 0x200) \
    C(TRNNSF_ANALOG_WIRES, 0x400) \
    C(TRNNSF_ANALOG_DAC, 0x800) \
    C(TRNNSF_ANALOG_ADC, 0x1000) \
    C(TRNNSF_ANALOG_ALL, 0x1FFF) \
    C(TRNNSF_ANALOG_CURRENTS, 0) \
    C(TRNNSF_ANALOG_CODES, 1) \
    C(TRNNSF_REMAP_NONE, 0) \
    C(TRNNSF_REMAP_LINES, 0x1) \
    C(TRNNSF_REMAP_COMPENSATION, 0x2) \
    C(TRNNSF_REMAP_ALL, 0x3) \
    C(TRNNSF_BACKEND_DETERMINISTIC, 1) \
    C(TRNNSF_BACKEND_ONE_THREAD, 2) \
    C(TRNNSF_CLUSTER_PUBLISHED, 0) \
    C(TRNNSF_CLUSTER_CORRECTED, 1) \
    C(TRNNSF_LOG_WARNING, 1) \
    C(TRNNSF_LOG_INFO, 2) \
    C(TRNNSF_LOG_DEBUG, 3) \
    C(TRNNSF_COST_ARRAY, 0) \
    C(TRNNSF_COST_PERIPHERY, 1) \
    C(TRNNSF_COST_NEURON, 2) \
    C(TRNNSF_COST_BUFFER, 3) \
    C(TRNNSF_COST_COMMUNICATION, 4) \
    C(TRNNSF_COST_TOTAL, 5) \
    C(TRNNSF_PART_TRAIN, 0) \
    C(TRNNSF_PART_VALIDATION, 1) \
    C(TRNNSF_PART_TEST, 2) \
    C(TRNNSF_STANDARDISE_NONE, 0) \
    C(TRNNSF_STANDARDISE_FEATURES, 1) \
    C(TRNNSF_STANDARDISE_CHANNELS, 2) \
    C(TRNNSF_NODE_INPUT, 0) \
    C(TRNNSF_NODE_DENSE, 1) \
    C(TRNNSF_NODE_CONVOLUTION, 2) \
    C(TRNNSF_NODE_MAX_POOL, 3) \
    C(TRNNSF_NODE_MEAN_POOL, 4) \
    C(TRNNSF_NODE_BATCH_NORM, 5) \
    C(TRNNSF_NODE_ADD, 6) \
    C(TRNNSF_NODE_CONCAT, 7) \
    C(TRNNSF_NODE_RESHAPE, 8) \
    C(TRNNSF_NODE_ACTIVATION, 9) \
    C(TRNNSF_ACTIVATION_RELU6, 5) \
    C(TRNNSF_ACTIVATION_LEAKY_RELU, 6) \
    C(TRNNSF_ACTIVATION_HARD_SWISH, 7) \
    C(TRNNSF_NORM_SCALE, 0) \
    C(TRNNSF_NORM_SHIFT, 1) \
    C(TRNNSF_NORM_MEAN, 2) \
    C(TRNNSF_NORM_VARIANCE, 3) \
    C(TRNNSF_MAP_DENSE, 0) \
    C(TRNNSF_MAP_PRUNED, 1) \
    C(TRNNSF_MAP_CLUSTERED, 2) \
    C(TRNNSF_MAP_PUBLISHED, 3) \
    C(TRNNSF_MAP_TILES, 4) \
    C(TRNNSF_MAP_COST_CELLS, 0) \
    C(TRNNSF_MAP_COST_AREA, 1) \
    C(TRNNSF_MAP_COST_ENERGY, 2) \
    C(TRNNSF_MAP_KERNEL_COLUMN, 0) \
    C(TRNNSF_MAP_UNROLLED, 1) \
    C(TRNNSF_MAP_DUPLICATED, 2) \
    C(TRNNSF_ACTIVATION_LINEAR, 0) \
    C(TRNNSF_ACTIVATION_RELU, 1) \
    C(TRNNSF_ACTIVATION_SIGMOID, 2) \
    C(TRNNSF_ACTIVATION_TANH, 3) \
    C(TRNNSF_ACTIVATION_SOFTMAX, 4) \
    C(TRNNSF_LOSS_SQUARED, 0) \
    C(TRNNSF_LOSS_CROSS_ENTROPY, 1) \
    C(TRNNSF_INIT_UNIFORM, 0) \
    C(TRNNSF_INIT_HE, 1) \
    C(TRNNSF_INIT_GLOROT, 2) \
    C(TRNNSF_UNIPOLAR_NONE, 0) \
    C(TRNNSF_UNIPOLAR_MATRIX, 1) \
    C(TRNNSF_UNIPOLAR_OUTPUT, 2) \
    C(TRNNSF_UNIPOLAR_BLOCK, 3) \
    C(TRNNSF_UNIPOLAR_POSITIVE, 4) \
    C(TRNNSF_NIR_FLOAT32, 0) \
    C(TRNNSF_NIR_FLOAT64, 1) \
    C(TRNNSF_NIR_INT64, 2) \
    C(TRNNSF_NIR_PRECISION_EXACT, 0) \
    C(TRNNSF_NIR_PRECISION_FLOAT32, 1) \
    C(TRNNSF_NIR_PRECISION_FLOAT64, 2) \
    C(TRNNSF_NIR_RESET_FILE, 0) \
    C(TRNNSF_NIR_RESET_SUBTRACT, 1) \
    C(TRNNSF_NIR_RESET_VALUE, 2) \
    C(TRNNSF_PACK_BUDGET, 0) \
    C(TRNNSF_PACK_BOUND, 1) \
    C(TRNNSF_PACK_MAGNITUDE, 0) \
    C(TRNNSF_PACK_SQUARE, 1) \
    C(TRNNSF_PACK_EQUAL, 2) \
    C(TRNNSF_PLOT_LINEAR, 0) \
    C(TRNNSF_PLOT_LOGARITHMIC, 1) \
    C(TRNNSF_PLOT_BAND, 0) \
    C(TRNNSF_PLOT_BARS, 1) \
    C(TRNNSF_FAULT_NONE, 0) \
    C(TRNNSF_FAULT_STUCK_ON, 1) \
    C(TRNNSF_FAULT_STUCK_OFF, 2) \
    C(TRNNSF_TARGET_ACCURACY, 0) \
    C(TRNNSF_TARGET_CROSSBARS, 1) \
    C(TRNNSF_TARGET_AREA, 2) \
    C(TRNNSF_TARGET_ENERGY, 3) \
    C(TRNNSF_RESET_SUBTRACT, 0) \
    C(TRNNSF_RESET_ZERO, 1) \
    C(TRNNSF_BALANCE_ACTIVATIONS, 0) \
    C(TRNNSF_BALANCE_CURRENTS, 1) \
    C(TRNNSF_CODING_CURRENT, 0) \
    C(TRNNSF_CODING_POISSON, 1) \
    C(TRNNSF_CODING_FIRST_SPIKE, 2) \
    C(TRNNSF_READOUT_POTENTIAL, 0) \
    C(TRNNSF_READOUT_SPIKES, 1) \
    C(TRNNSF_SPIKE_INPUT, 0) \
    C(TRNNSF_SPIKE_NEURON, 1) \
    C(TRNNSF_SPIKE_SUM, 2) \
    C(TRNNSF_SPIKE_TRIM_LAST, 0) \
    C(TRNNSF_SPIKE_TRIM_LEAST, 1) \
    C(TRNNSF_DECOMPOSE_CHAIN, 0) \
    C(TRNNSF_DECOMPOSE_TREE, 1) \
    C(TRNNSF_DECOMPOSE_EXACT, 0) \
    C(TRNNSF_DECOMPOSE_SPIKING, 1) \
    C(TRNNSF_DECOMPOSE_GIVEN, 0) \
    C(TRNNSF_DECOMPOSE_SIGNED, 1) \
    C(TRNNSF_DECOMPOSE_OWN, 0) \
    C(TRNNSF_DECOMPOSE_SHARED, 1) \
    C(TRNNSF_DECOMPOSE_BUSY, 2) \
    C(TRNNSF_TILE_FIRST_FIT, 0) \
    C(TRNNSF_TILE_MIN_COMMUNICATION, 1) \
    C(TRNNSF_TILE_HYPERGRAPH, 2) \
    C(TRNNSF_TILE_COMPACT, 3) \
    C(TRNNSF_TILE_DYNAP_SE, 0) \
    C(TRNNSF_TILE_RESPARC, 1) \
    C(TRNNSF_OPTIMISER_SGD, 0) \
    C(TRNNSF_OPTIMISER_ADAM, 1) \
    C(TRNNSF_RATE_CONSTANT, 0) \
    C(TRNNSF_RATE_STEP, 1) \
    C(TRNNSF_RATE_EXPONENTIAL, 2) \
    C(TRNNSF_RATE_COSINE, 3) \
    C(TRNNSF_CROP_ZERO, 0) \
    C(TRNNSF_CROP_EDGE, 1) \
    C(TRNNSF_CROP_REFLECT, 2) \
    C(TRNNSF_CROP_WRAP, 3) \
    C(TRNNSF_AVERAGE_NONE, 0) \
    C(TRNNSF_AVERAGE_EXPONENTIAL, 1) \
    C(TRNNSF_AVERAGE_EPOCHS, 2) \
    C(TRNNSF_DROPOUT_INVERTED, 0) \
    C(TRNNSF_DROPOUT_CLASSIC, 1) \
    C(TRNNSF_DROPOUT_CLASSIC_CONTINUED, 2)

#endif
