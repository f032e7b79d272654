"""Our epoch against PyTorch's on the same convolutional network, batch and thread count, in turn.

    convolution_torch.py BENCH-CONVOLUTION [threads] [batches] [rounds] [width]

A VGG-8-like network on random images of 3 x 32 x 32: three stages of two 3 x 3 convolutions with batch norms, ReLU and
a pool; Adam, batch 64. Prints both medians and their ratio; exits with 77 (skipped) where PyTorch is
not installed.
"""
import statistics
import subprocess
import sys
import time

try:
    import torch
except ImportError:
    print("SKIPPED: PyTorch is not installed (Debian: python3-torch)")
    sys.exit(77)

BATCH = 64


def make_model(width):
    layers, channels = [], 3
    for stage in range(3):
        for _ in range(2):
            layers += [torch.nn.Conv2d(channels, width << stage, 3, padding=1, bias=False),
                       torch.nn.BatchNorm2d(width << stage), torch.nn.ReLU()]
            channels = width << stage
        layers.append(torch.nn.MaxPool2d(2))
    return torch.nn.Sequential(*layers, torch.nn.Flatten(), torch.nn.Linear(16 * channels, 10))


def train_epoch(model, optimiser, samples, labels):
    order = torch.randperm(len(samples))
    for first in range(0, len(samples), BATCH):
        index = order[first:first + BATCH]
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(model(samples[index]), labels[index]).backward()
        optimiser.step()


def main():
    program = sys.argv[1]
    threads, batches, rounds, width = (int(sys.argv[i]) if len(sys.argv) > i else default
                                       for i, default in ((2, 2), (3, 8), (4, 3), (5, 64)))
    torch.manual_seed(1)
    torch.set_num_threads(threads)
    samples = torch.rand(BATCH * batches, 3, 32, 32)
    labels = torch.arange(len(samples)) % 10
    model = make_model(width)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.001)
    ours, theirs = [], []
    train_epoch(model, optimiser, samples, labels)
    for _ in range(rounds):
        command = [program, str(threads), str(batches), "2", str(width)]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        ours.append(float(output.split()[1]))
        start = time.perf_counter()
        train_epoch(model, optimiser, samples, labels)
        theirs.append(time.perf_counter() - start)
    ratio = statistics.median(a / b for a, b in zip(ours, theirs))
    print(f"epoch of {batches} batches, {threads} threads, width {width}: ours "
          f"{statistics.median(ours):.3f} s, PyTorch {torch.__version__} "
          f"{statistics.median(theirs):.3f} s, ours/PyTorch {ratio:.3f} (at most 1 wanted)")
    return 0 if ratio <= 1 else 1


if __name__ == "__main__":
    sys.exit(main())
