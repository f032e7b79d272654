#include "tech/least_squares.h"

#include <math.h>
#include <stdbool.h>

/* Reflects column `k`, from row k down, onto its first entry, and the columns after it likewise
 * (Golub and Van Loan, Matrix Computations, section 5.2.1). */
static void reflect(size_t n, size_t width, size_t k, double *rows)
{
    double norm = 0;

    for (size_t i = k; i < n; i++)
        norm = hypot(norm, rows[i * width + k]);
    if (!(norm > 0))
        return;

    double head = rows[k * width + k];
    double first = head > 0 ? head + norm : head - norm;
    double scale = 0;
    for (size_t i = k; i < n; i++) {
        double entry = i == k ? first : rows[i * width + k];

        scale += entry * entry;
    }
    for (size_t j = k + 1; j < width; j++) {
        double product = first * rows[k * width + j];

        for (size_t i = k + 1; i < n; i++)
            product += rows[i * width + k] * rows[i * width + j];
        product *= 2 / scale;
        rows[k * width + j] -= product * first;
        for (size_t i = k + 1; i < n; i++)
            rows[i * width + j] -= product * rows[i * width + k];
    }
    rows[k * width + k] = head > 0 ? -norm : norm;
}

void trn_fit_polynomial(size_t n, const double *x, const double *y, const double *weight,
                        size_t n_coefficients, double *rows, double *coefficients)
{
    size_t width = n_coefficients + 1;

    for (size_t i = 0; i < n; i++) {
        double power = sqrt(weight[i]);

        rows[i * width + n_coefficients] = power * y[i];
        for (size_t j = 0; j < n_coefficients; j++) {
            rows[i * width + j] = power;
            power *= x[i];
        }
    }
    for (size_t k = 0; k < n_coefficients; k++)
        reflect(n, width, k, rows);
    for (size_t k = n_coefficients; k-- > 0;) {
        double sum = rows[k * width + n_coefficients];

        for (size_t j = k + 1; j < n_coefficients; j++)
            sum -= rows[k * width + j] * coefficients[j];
        /* 1e-12 of the constant's column: the points are too few or too close for this power. */
        coefficients[k] =
            fabs(rows[k * width + k]) > 1e-12 * fabs(rows[0]) ? sum / rows[k * width + k] : 0;
    }
}

struct trn_line trn_fit_line(size_t n, const double *x, const double *y)
{
    struct trn_line line = {0, 0, 0, 0};
    double mean_x = 0, mean_y = 0, product = 0, square = 0;

    for (size_t i = 0; i < n; i++) {
        mean_x += x[i] / (double)n;
        mean_y += y[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        line.spread += (x[i] - mean_x) * (x[i] - mean_x);
        product += (x[i] - mean_x) * (y[i] - mean_y);
    }
    /* Rounding leaves this much of equal values. */
    bool level = !(line.spread > 1e-20 * (double)n * (1 + mean_x * mean_x));
    line.slope = level ? 0 : product / line.spread;
    line.offset = mean_y - line.slope * mean_x;
    for (size_t i = 0; i < n; i++) {
        double left = y[i] - line.offset - line.slope * x[i];

        square += left * left;
    }
    size_t told = level ? 1 : 2;
    line.residual = n > told ? square / (double)(n - told) : 0;
    return line;
}
