"""What every test in this folder prints: each fault on a line, then the verdict."""

import sys

SKIPPED = 77


def finish(faults, done):
    for fault in faults:
        print("FAULT", fault)
    if faults:
        sys.exit(f"{len(faults)} faults")
    print(done)


def skip(reason):
    print("SKIPPED:", reason)
    sys.exit(SKIPPED)
