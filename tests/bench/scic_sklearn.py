"""Times SpectralCoclustering on a planted matrix: MATRIX REPEATS -> "seconds coverage"."""
import sys
import time

import numpy
from scipy.sparse import csr_matrix
from sklearn.cluster import SpectralCoclustering


def main():
    with open(sys.argv[1]) as file:
        rows, columns, blocks = map(int, file.readline().split())
        entries = numpy.loadtxt(file, dtype=int)
    ones = numpy.ones(len(entries))
    matrix = csr_matrix((ones, (entries[:, 0], entries[:, 1])), shape=(rows, columns))
    best = float('inf')
    for _ in range(int(sys.argv[2])):
        model = SpectralCoclustering(n_clusters=blocks, random_state=0)
        start = time.perf_counter()
        model.fit(matrix)
        best = min(best, time.perf_counter() - start)
    planted = entries[entries[:, 2] == 1]
    inside = model.row_labels_[planted[:, 0]] == model.column_labels_[planted[:, 1]]
    print(best, inside.mean())


main()
