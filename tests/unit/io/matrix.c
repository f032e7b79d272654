/* Matrix Market. */
#include <locale.h>
#include <math.h>
#include <stdio.h>

#include "base/random.h"
#include "io/matrix_market.h"
#include "io/suite.h"

static trnnsf_status read_text(const char *text, trnnsf_matrix **matrix)
{
    struct trn_stream *stream;
    trnnsf_status status;

    EXPECT_OK(trn_stream_open_memory(ctx, "m", (const uint8_t *)text, strlen(text), &stream));
    status = trn_matrix_market_read(stream, matrix);
    trn_stream_free(stream);
    return status;
}

#define BANNER(words) "%%MatrixMarket matrix " words "\n"

/* Dense 3 x 3 as the text must read. */
static void expect_dense(const char *text, const float *expected)
{
    trnnsf_matrix *matrix = NULL;
    float dense[9] = {0};

    EXPECT_OK(read_text(text, &matrix));
    ck_assert_uint_eq(trnnsf_matrix_rows(matrix), 3);
    ck_assert_uint_eq(trnnsf_matrix_columns(matrix), 3);
    for (size_t i = 0; i < 3; i++) {
        for (size_t e = trnnsf_matrix_row_start(matrix)[i];
             e < trnnsf_matrix_row_start(matrix)[i + 1]; e++) {
            ck_assert(trnnsf_matrix_value(matrix)[e] != 0);
            dense[3 * i + trnnsf_matrix_column(matrix)[e]] = trnnsf_matrix_value(matrix)[e];
        }
    }
    for (size_t i = 0; i < 9; i++)
        ck_assert_float_eq(dense[i], expected[i]);
    trnnsf_matrix_free(matrix);
}

START_TEST(kinds)
{
    expect_dense(BANNER("coordinate real general") "% comment\n\n3 3 3\n1 2 1.5\n3 1 -2e0\n"
                                                   "2 2 0\n",
                 (const float[9]){0, 1.5f, 0, 0, 0, 0, -2, 0, 0});
    expect_dense(BANNER("Coordinate Pattern General") "3 3 2\r\n1 1\r\n 3\t3 \r\n\r\n",
                 (const float[9]){1, 0, 0, 0, 0, 0, 0, 0, 1});
    expect_dense(BANNER("coordinate integer symmetric") "3 3 3\n1 1 4\n2 1 5\n3 2 -6",
                 (const float[9]){4, 5, 0, 5, 0, -6, 0, -6, 0});
    expect_dense(BANNER("coordinate real skew-symmetric") "3 3 1\n3 1 2.5\n",
                 (const float[9]){0, 0, -2.5f, 0, 0, 0, 2.5f, 0, 0});
    expect_dense(BANNER("array real general") "3 3\n1\n2\n3\n4\n5\n6\n7\n8\n9\n",
                 (const float[9]){1, 4, 7, 2, 5, 8, 3, 6, 9});
    expect_dense(BANNER("array integer symmetric") "3 3\n1\n2\n3\n4\n5\n6\n",
                 (const float[9]){1, 2, 3, 2, 4, 5, 3, 5, 6});
    expect_dense(BANNER("array real skew-symmetric") "3 3\n1\n2\n3\n",
                 (const float[9]){0, -1, -2, 1, 0, -3, 2, 3, 0});
}
END_TEST

START_TEST(sums_and_extremes)
{
    expect_dense(
        BANNER("coordinate real general") "3 3 5\n1 1 1\n2 2 3\n1 1 2\n2 2 -3\n1 3 1e-60\n",
        (const float[9]){3, 0, 0x1p-149f, 0, 0, 0, 0, 0, 0});
}
END_TEST

START_TEST(errors_name_the_line)
{
    static const struct {
        const char *text;
        trnnsf_status status;
        const char *fragment;
    } cases[] = {
        {"", TRNNSF_E_FORMAT, "'m' does not begin with %%MatrixMarket"},
        {"3 3 1\n1 1 1\n", TRNNSF_E_FORMAT, "does not begin"},
        {BANNER("coordinate complex general") "1 1 1\n1 1 1 0\n", TRNNSF_E_UNSUPPORTED,
         "line 1: 'complex general'"},
        {BANNER("coordinate real hermitian"), TRNNSF_E_UNSUPPORTED, "'hermitian'"},
        {BANNER("list real general"), TRNNSF_E_FORMAT, "not 'coordinate' or 'array'"},
        {"%%MatrixMarket vector array real general\n", TRNNSF_E_UNSUPPORTED, "'matrix'"},
        {BANNER("array pattern general"), TRNNSF_E_FORMAT, "do not go together"},
        {BANNER("coordinate real general x"), TRNNSF_E_FORMAT, "do not go together"},
        {BANNER("coordinate real general"), TRNNSF_E_FORMAT, "ends before the sizes"},
        {BANNER("coordinate real general") "3 3\n", TRNNSF_E_FORMAT, "line 2: '' is no number of"},
        {BANNER("coordinate real general") "-3 3 1\n", TRNNSF_E_FORMAT, "is no number of rows"},
        {BANNER("coordinate real general") "0 3 0\n", TRNNSF_E_FORMAT, "a matrix of 0 x 3"},
        {BANNER("coordinate real symmetric") "2 3 0\n", TRNNSF_E_FORMAT, "symmetric matrix of 2 x"},
        {BANNER("coordinate real general") "3 3 9223372036854775807\n", TRNNSF_E_FORMAT,
         "do not fit the 0 bytes"},
        {BANNER("coordinate real general") "3 3 99999999999999999999\n", TRNNSF_E_LIMIT,
         "too large"},
        {BANNER("coordinate real general") "9223372036854775808 1 0\n", TRNNSF_E_LIMIT,
         "exceeds 16777216"},
        {BANNER("array real general") "16777216 16777216\n1\n", TRNNSF_E_FORMAT, "do not fit"},
        {BANNER("coordinate real general") "3 3 1\n% no\n1 1 1\n", TRNNSF_E_FORMAT,
         "line 3: '% no'"},
        {BANNER("coordinate real general") "3 3 3\n1 1 1\n", TRNNSF_E_FORMAT,
         "3 entries do not fit the 6 bytes"},
        {BANNER("coordinate real general") "3 3 2\n1 1 1.00000000\n", TRNNSF_E_FORMAT,
         "line 3: the text ends after 1 of 2"},
        {BANNER("coordinate real general") "3 3 1\n1 1 1\n2 2 2\n", TRNNSF_E_FORMAT,
         "line 4: '2 2 2' after the last of 1"},
        {BANNER("coordinate real general") "3 3 1\n4 1 1\n", TRNNSF_E_FORMAT,
         "cell 4, 1 is not in"},
        {BANNER("coordinate real general") "3 3 1\n0 1 1\n", TRNNSF_E_FORMAT,
         "cell 0, 1 is not in"},
        {BANNER("coordinate real general") "3 3 1\n1 1 nan\n", TRNNSF_E_FORMAT,
         "'nan' is no number"},
        {BANNER("coordinate real general") "3 3 1\n1 1 0x10\n", TRNNSF_E_FORMAT, "is no number"},
        {BANNER("coordinate real general") "3 3 1\n1 1 1,5\n", TRNNSF_E_FORMAT, "is no number"},
        {BANNER("coordinate real general") "3 3 1\n1 1 1e999\n", TRNNSF_E_NUMERIC, "a double"},
        {BANNER("coordinate real general") "3 3 1\n1 1 1e60\n", TRNNSF_E_NUMERIC,
         "row 1, column 1"},
        {BANNER("coordinate real general") "3 3 1\n1 1 1 2\n", TRNNSF_E_FORMAT,
         "'2' after the entry"},
        {BANNER("coordinate integer general") "3 3 1\n1 1 1.5\n", TRNNSF_E_FORMAT, "no integer"},
        {BANNER("coordinate real symmetric") "3 3 1\n1 2 1\n", TRNNSF_E_FORMAT,
         "below the diagonal"},
        {BANNER("coordinate real skew-symmetric") "3 3 1\n2 2 1\n", TRNNSF_E_FORMAT, "below the"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        trnnsf_matrix *matrix = NULL;

        EXPECT(read_text(cases[i].text, &matrix), cases[i].status, cases[i].fragment);
        ck_assert_ptr_null(matrix);
    }
}
END_TEST

/* Random cells, many of them twice, against a dense sum. */
START_TEST(random_cells)
{
    enum { ROWS = 37, COLUMNS = 23, CELLS = 600 };
    static float dense[ROWS][COLUMNS];
    static char text[CELLS * 32];
    struct trn_random random;
    trnnsf_matrix *matrix = NULL;
    size_t nonzeros = 0;
    int length = snprintf(text, sizeof text, "%s%d %d %d\n", BANNER("coordinate integer general"),
                          ROWS, COLUMNS, CELLS);

    trn_random_init(&random, 5, TRN_RANDOM_TEST, 0);
    for (int i = 0; i < CELLS; i++) {
        unsigned row = trn_random_below(&random, ROWS), column = trn_random_below(&random, COLUMNS);
        int value = (int)trn_random_below(&random, 5) - 2;

        dense[row][column] += (float)value;
        length += snprintf(text + length, sizeof text - (size_t)length, "%u %u %d\n", row + 1,
                           column + 1, value);
    }
    EXPECT_OK(read_text(text, &matrix));
    for (size_t i = 0; i < ROWS; i++) {
        size_t e = trnnsf_matrix_row_start(matrix)[i];

        for (size_t j = 0; j < COLUMNS; j++) {
            if (dense[i][j] == 0)
                continue;
            ck_assert_uint_eq(trnnsf_matrix_column(matrix)[e], j);
            ck_assert_float_eq(trnnsf_matrix_value(matrix)[e++], dense[i][j]);
            nonzeros++;
        }
        ck_assert_uint_eq(e, trnnsf_matrix_row_start(matrix)[i + 1]);
    }
    ck_assert_uint_eq(trnnsf_matrix_nonzeros(matrix), nonzeros);
    trnnsf_matrix_free(matrix);
}
END_TEST

/* A point is a point in programs that show numbers with a comma, too. */
START_TEST(any_locale)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8"};
    size_t i = 0;

    while (i < 3 && !setlocale(LC_ALL, names[i]))
        i++;
    if (i == 3)
        printf("SKIPPED: no locale with a decimal comma is installed\n");
    expect_dense(BANNER("coordinate real general") "3 3 1\n1 1 1.5\n",
                 (const float[9]){1.5f, 0, 0, 0, 0, 0, 0, 0, 0});
}
END_TEST

START_TEST(zero_bytes_and_files)
{
    const char bytes[] = BANNER("coordinate real general") "3 3 1\n1 1 1\0 2\n";
    trnnsf_matrix *matrix = NULL;

    write_bytes("a.mtx", bytes, sizeof bytes - 1);
    EXPECT(trnnsf_matrix_load(ctx, in_folder("a.mtx"), &matrix), TRNNSF_E_FORMAT, "zero byte");
    write_bytes("a.mtx", bytes, sizeof bytes - 5);
    EXPECT_OK(trnnsf_matrix_load(ctx, in_folder("a.mtx"), &matrix));
    ck_assert_uint_eq(trnnsf_matrix_nonzeros(matrix), 1);
    trnnsf_matrix_free(matrix);
    EXPECT(trnnsf_matrix_load(ctx, in_folder("b.mtx"), &matrix), TRNNSF_E_NOT_FOUND,
           "trnnsf_matrix_load: ");
    ck_assert_int_eq(trnnsf_matrix_load(NULL, "x", &matrix), TRNNSF_E_INVALID);
    EXPECT(trnnsf_matrix_load(ctx, NULL, &matrix), TRNNSF_E_INVALID, "path is NULL");
    EXPECT(trnnsf_matrix_load(ctx, "x", NULL), TRNNSF_E_INVALID, "out_matrix is NULL");
}
END_TEST

static void expect_same(const trnnsf_matrix *a, const trnnsf_matrix *b)
{
    size_t nonzeros = trnnsf_matrix_nonzeros(a), rows = trnnsf_matrix_rows(a);

    ck_assert_uint_eq(rows, trnnsf_matrix_rows(b));
    ck_assert_uint_eq(trnnsf_matrix_columns(a), trnnsf_matrix_columns(b));
    ck_assert_mem_eq(trnnsf_matrix_row_start(a), trnnsf_matrix_row_start(b),
                     (rows + 1) * sizeof(size_t));
    ck_assert_uint_eq(nonzeros, trnnsf_matrix_nonzeros(b));
    if (nonzeros == 0)
        return;
    ck_assert_mem_eq(trnnsf_matrix_column(a), trnnsf_matrix_column(b), nonzeros * 4);
    ck_assert_mem_eq(trnnsf_matrix_value(a), trnnsf_matrix_value(b), nonzeros * 4);
}

/* Any finite floats, more than a buffer of them, with a decimal comma where there is such a locale. */
START_TEST(written_is_read_back)
{
    enum { ROWS = 150, COLUMNS = 90 };
    static float values[ROWS * COLUMNS];
    struct trn_random random;

    if (!setlocale(LC_ALL, "de_DE.UTF-8"))
        setlocale(LC_ALL, "fr_FR.UTF-8");
    trn_random_init(&random, 9, TRN_RANDOM_TEST, 0);
    for (size_t density = 0; density < 3; density++) {
        trnnsf_matrix *matrix, *loaded = NULL;

        for (size_t i = 0; i < ROWS * COLUMNS; i++) {
            union {
                uint32_t bits;
                float value;
            } any = {trn_random_u32(&random)};
            bool live = trn_random_below(&random, 2) < density && isfinite(any.value);

            values[i] = live ? any.value : 0;
        }
        ck_assert_int_eq(trnnsf_matrix_from_dense(ctx, ROWS, COLUMNS, values, &matrix), TRNNSF_OK);
        EXPECT_OK(trnnsf_matrix_save(ctx, matrix, in_folder("w.mtx")));
        EXPECT_OK(trnnsf_matrix_load(ctx, in_folder("w.mtx"), &loaded));
        expect_same(matrix, loaded);
        trnnsf_matrix_free(loaded);
        EXPECT(trnnsf_matrix_save(ctx, matrix, in_folder("no/w.mtx")), TRNNSF_E_NOT_FOUND,
               "trnnsf_matrix_save: ");
        EXPECT(trnnsf_matrix_save(ctx, matrix, NULL), TRNNSF_E_INVALID, "path is NULL");
        ck_assert_int_eq(trnnsf_matrix_save(NULL, matrix, "x"), TRNNSF_E_INVALID);
        trnnsf_matrix_free(matrix);
    }
    EXPECT(trnnsf_matrix_save(ctx, NULL, "x"), TRNNSF_E_INVALID, "matrix is NULL");
    setlocale(LC_ALL, "C");
}
END_TEST

TCase *matrix_tests(void)
{
    TCase *tests = tcase_create("matrix");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, kinds);
    tcase_add_test(tests, sums_and_extremes);
    tcase_add_test(tests, errors_name_the_line);
    tcase_add_test(tests, random_cells);
    tcase_add_test(tests, any_locale);
    tcase_add_test(tests, zero_bytes_and_files);
    tcase_add_test(tests, written_is_read_back);
    return tests;
}
