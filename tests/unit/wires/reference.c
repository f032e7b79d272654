#include "wires/reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Nodes: word [n x m], bit [n x m], sources n, sense terminals m; joined by ideal connections. */
struct graph {
    const struct circuit *circuit;
    size_t n_nodes;
    size_t *leader;
};

static size_t word_node(const struct graph *g, size_t i, size_t j)
{
    return i * g->circuit->m + j;
}

static size_t bit_node(const struct graph *g, size_t i, size_t j)
{
    return g->circuit->n * g->circuit->m + i * g->circuit->m + j;
}

static size_t source_node(const struct graph *g, size_t i)
{
    return 2 * g->circuit->n * g->circuit->m + i;
}

static size_t sense_node(const struct graph *g, size_t j)
{
    return 2 * g->circuit->n * g->circuit->m + g->circuit->n + j;
}

static size_t find(const struct graph *g, size_t node)
{
    while (g->leader[node] != node)
        node = g->leader[node];
    return node;
}

/* What to do with each resistor that is not ideal. */
typedef void (*visit_function)(const struct graph *g, size_t a, size_t b, double ohm, double cell,
                               void *user);

static void connect(struct graph *g, size_t a, size_t b, double ohm, visit_function visit,
                    void *user)
{
    a = find(g, a);
    b = find(g, b);
    if (ohm == 0 && !visit) {
        if (a < b)
            g->leader[a] = b; /* terminals have the highest numbers */
        else
            g->leader[b] = a;
    } else if (ohm > 0 && visit) {
        visit(g, a, b, ohm, -1, user);
    }
}

/* Without `visit` ideal connections are made. */
static void walk(struct graph *g, visit_function visit, void *user)
{
    const struct trnnsf_wires_options *o = &g->circuit->options;
    size_t n = g->circuit->n, m = g->circuit->m;

    for (size_t i = 0; i < n; i++) {
        connect(g, source_node(g, i), word_node(g, i, 0), o->driver_ohm, visit, user);
        if (o->driver_ends == 2)
            connect(g, source_node(g, i), word_node(g, i, m - 1), o->driver_ohm, visit, user);
        for (size_t j = 0; j + 1 < m; j++)
            connect(g, word_node(g, i, j), word_node(g, i, j + 1), o->word_ohm, visit, user);
    }
    for (size_t j = 0; j < m; j++) {
        connect(g, bit_node(g, n - 1, j), sense_node(g, j), o->sense_ohm, visit, user);
        if (o->sense_ends == 2)
            connect(g, bit_node(g, 0, j), sense_node(g, j), o->sense_ohm, visit, user);
        for (size_t i = 0; i + 1 < n; i++)
            connect(g, bit_node(g, i, j), bit_node(g, i + 1, j), o->bit_ohm, visit, user);
    }
    for (size_t k = 0; visit && k < n * m; k++)
        visit(g, find(g, word_node(g, k / m, k % m)), find(g, bit_node(g, k / m, k % m)), 0,
              g->circuit->cells[k], user);
}

static struct graph make_graph(const struct circuit *circuit)
{
    struct graph g = {.circuit = circuit,
                      .n_nodes = 2 * circuit->n * circuit->m + circuit->n + circuit->m};

    g.leader = malloc(g.n_nodes * sizeof *g.leader);
    for (size_t k = 0; k < g.n_nodes; k++)
        g.leader[k] = k;
    walk(&g, NULL, NULL);
    return g;
}

struct system {
    size_t order;
    double *a, *right;
};

static void stamp(const struct graph *g, size_t a, size_t b, double ohm, double cell, void *user)
{
    struct system *system = user;
    double c = cell < 0 ? 1 / ohm : cell / (1 + cell * g->circuit->options.cell_ohm);

    system->a[a * system->order + a] += c;
    system->a[b * system->order + b] += c;
    system->a[a * system->order + b] -= c;
    system->a[b * system->order + a] -= c;
}

static void eliminate(struct system *s)
{
    size_t n = s->order;

    for (size_t k = 0; k < n; k++) {
        size_t pivot = k;

        for (size_t i = k + 1; i < n; i++)
            pivot = fabs(s->a[i * n + k]) > fabs(s->a[pivot * n + k]) ? i : pivot;
        for (size_t j = 0; j < n && pivot != k; j++) {
            double x = s->a[k * n + j];

            s->a[k * n + j] = s->a[pivot * n + j];
            s->a[pivot * n + j] = x;
        }
        double right = s->right[k];

        s->right[k] = s->right[pivot];
        s->right[pivot] = right;
        for (size_t i = k + 1; i < n; i++) {
            double factor = s->a[i * n + k] / s->a[k * n + k];

            for (size_t j = k; j < n && factor != 0; j++)
                s->a[i * n + j] -= factor * s->a[k * n + j];
            s->right[i] -= factor * s->right[k];
        }
    }
    for (size_t k = n; k-- > 0;) {
        for (size_t j = k + 1; j < n; j++)
            s->right[k] -= s->a[k * n + j] * s->right[j];
        s->right[k] /= s->a[k * n + k];
    }
}

static void fix(struct system *s, size_t node, double voltage)
{
    memset(s->a + node * s->order, 0, s->order * sizeof *s->a);
    s->a[node * s->order + node] = 1;
    s->right[node] = voltage;
}

void reference_solve(const struct circuit *circuit, const double *input, double *word, double *bit,
                     double *currents)
{
    struct graph g = make_graph(circuit);
    size_t n = circuit->n, m = circuit->m, order = g.n_nodes;
    struct system s = {order, calloc(order * order, sizeof(double)), calloc(order, sizeof(double))};

    walk(&g, stamp, &s);
    for (size_t i = 0; i < n; i++)
        fix(&s, source_node(&g, i), input[i]);
    for (size_t j = 0; j < m; j++)
        fix(&s, sense_node(&g, j), 0);
    for (size_t k = 0; k < order; k++) {
        if (g.leader[k] != k)
            fix(&s, k, 0);
    }
    eliminate(&s);
    for (size_t k = 0; k < n * m; k++) {
        word[k] = s.right[find(&g, word_node(&g, k / m, k % m))];
        bit[k] = s.right[find(&g, bit_node(&g, k / m, k % m))];
    }
    reference_residual(circuit, input, word, bit, currents);
    free(s.right);
    free(s.a);
    free(g.leader);
}

double reference_cell(const struct trnnsf_wires_options *options, double g, double voltage)
{
    double alpha = options->alpha_per_volt, low = 0, high = fabs(voltage), x;

    if (alpha == 0)
        return g * voltage / (1 + g * options->cell_ohm);
    for (int k = 0; k < 200 && options->cell_ohm > 0; k++) {
        x = 0.5 * (low + high);
        if (x + options->cell_ohm * g * sinh(alpha * x) / alpha > fabs(voltage))
            high = x;
        else
            low = x;
    }
    x = g * sinh(alpha * high) / alpha;
    return voltage < 0 ? -x : x;
}

struct flow {
    const double *voltage; /* by leader */
    double *sum;           /* of the currents that arrive, by leader */
};

static void add_flow(const struct graph *g, size_t a, size_t b, double ohm, double cell, void *user)
{
    struct flow *flow = user;
    double drop = flow->voltage[a] - flow->voltage[b];
    double current = cell < 0 ? drop / ohm : reference_cell(&g->circuit->options, cell, drop);

    flow->sum[a] -= current;
    flow->sum[b] += current;
}

double reference_residual(const struct circuit *circuit, const double *input, const double *word,
                          const double *bit, double *currents)
{
    struct graph g = make_graph(circuit);
    size_t n = circuit->n, m = circuit->m;
    double *voltage = calloc(g.n_nodes, sizeof *voltage), most = 0;
    struct flow flow = {voltage, calloc(g.n_nodes, sizeof(double))};

    for (size_t k = 0; k < n * m; k++) {
        voltage[find(&g, word_node(&g, k / m, k % m))] = word[k];
        voltage[find(&g, bit_node(&g, k / m, k % m))] = bit[k];
    }
    for (size_t i = 0; i < n; i++)
        voltage[source_node(&g, i)] = input[i];
    for (size_t j = 0; j < m; j++)
        voltage[sense_node(&g, j)] = 0;
    walk(&g, add_flow, &flow);
    for (size_t k = 0; k < 2 * n * m; k++)
        most = fmax(most, fabs(flow.sum[k]));
    for (size_t j = 0; j < m; j++)
        currents[j] = flow.sum[sense_node(&g, j)];
    free(flow.sum);
    free(voltage);
    free(g.leader);
    return most;
}
