"""Co-clusterings of a planted matrix by others: MATRIX GROUPS SIDE -> lines "name seconds planted all
crossbars". scikit-learn's SpectralCoclustering and METIS (gpmetis on the bipartite graph) are told the
number of groups; neither knows of crossbars, so what they find is cut into SIDE x SIDE tiles."""
import os
import shutil
import subprocess
import sys
import tempfile
import time

import numpy
from scipy.sparse import csr_matrix


def tiles(labels, columns, entries, side):
    """Tiles of the groups that hold a connection."""
    inside = labels[entries[:, 0]] == columns[entries[:, 1]]
    held = entries[inside]
    place = [numpy.zeros(len(each), dtype=int) for each in (labels, columns)]
    for which, each in zip(place, (labels, columns)):
        for group in numpy.unique(each):
            members = numpy.flatnonzero(each == group)
            which[members] = numpy.arange(len(members))
    keys = numpy.stack([labels[held[:, 0]], place[0][held[:, 0]] // side,
                        place[1][held[:, 1]] // side], axis=1)
    return inside, len(numpy.unique(keys, axis=0))


def tell(name, seconds, labels, columns, entries, side):
    inside, count = tiles(labels, columns, entries, side)
    print(name, seconds, inside[entries[:, 2] == 1].mean(), inside.mean(), count)


def metis(matrix, groups):
    rows, columns = matrix.shape
    transposed = matrix.T.tocsr()
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "graph")
    with open(path, "w") as file:
        print(rows + columns, matrix.nnz, file=file)
        for i in range(rows):
            print(*(matrix.indices[matrix.indptr[i]:matrix.indptr[i + 1]] + rows + 1), file=file)
        for j in range(columns):
            print(*(transposed.indices[transposed.indptr[j]:transposed.indptr[j + 1]] + 1), file=file)
    start = time.perf_counter()
    done = subprocess.run(["gpmetis", path, str(groups)], capture_output=True)
    seconds = time.perf_counter() - start
    labels = numpy.loadtxt(f"{path}.part.{groups}", dtype=int) if done.returncode == 0 else None
    shutil.rmtree(folder)
    return seconds, labels


def main():
    groups, side = int(sys.argv[2]), int(sys.argv[3])
    with open(sys.argv[1]) as file:
        rows, columns = map(int, file.readline().split())
        entries = numpy.loadtxt(file, dtype=int)
    matrix = csr_matrix((numpy.ones(len(entries)), (entries[:, 0], entries[:, 1])),
                        shape=(rows, columns))
    try:
        from sklearn.cluster import SpectralCoclustering
        model = SpectralCoclustering(n_clusters=groups, random_state=0)
        start = time.perf_counter()
        model.fit(matrix)
        seconds = time.perf_counter() - start
        start = time.perf_counter()
        model.fit(matrix)
        seconds = min(seconds, time.perf_counter() - start)
        tell("scikit-learn", seconds, model.row_labels_, model.column_labels_, entries, side)
    except ImportError:
        pass
    if shutil.which("gpmetis"):
        seconds, labels = metis(matrix, groups)
        if labels is not None:
            tell("METIS", seconds, labels[:rows], labels[rows:], entries, side)


main()
