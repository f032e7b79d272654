"""Our epoch against PyTorch's on the same network, batch and thread count, epoch by epoch in turn.

    epoch_torch.py BENCH-EPOCH [threads] [batches] [rounds]

784-1200-1200-10 without biases, ReLU, dropout 0.5, squared error, SGD with momentum, batch 400. Prints
both medians and their ratio; exits with 77 (skipped) where PyTorch is not installed.
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

BATCH = 400


def make_model():
    layers = [torch.nn.Linear(784, 1200, bias=False), torch.nn.ReLU(), torch.nn.Dropout(0.5),
              torch.nn.Linear(1200, 1200, bias=False), torch.nn.ReLU(), torch.nn.Dropout(0.5),
              torch.nn.Linear(1200, 10, bias=False), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers)


def train_epoch(model, optimiser, samples, targets):
    order = torch.randperm(len(samples))
    for first in range(0, len(samples), BATCH):
        index = order[first:first + BATCH]
        optimiser.zero_grad()
        loss = 0.5 * ((model(samples[index]) - targets[index]) ** 2).sum() / BATCH
        loss.backward()
        optimiser.step()


def main():
    program = sys.argv[1]
    threads, batches, rounds = (int(sys.argv[i]) if len(sys.argv) > i else default
                                for i, default in ((2, 2), (3, 30), (4, 5)))
    torch.manual_seed(1)
    torch.set_num_threads(threads)
    samples = torch.rand(BATCH * batches, 784)
    targets = torch.nn.functional.one_hot(torch.arange(len(samples)) % 10, 10).float()
    model = make_model()
    optimiser = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.5)
    ours, theirs = [], []
    train_epoch(model, optimiser, samples, targets)
    for _ in range(rounds):
        command = [program, str(threads), str(batches), "2"]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        ours.append(float(output.split()[1]))
        start = time.perf_counter()
        train_epoch(model, optimiser, samples, targets)
        theirs.append(time.perf_counter() - start)
    ratio = statistics.median(a / b for a, b in zip(ours, theirs))
    print(f"epoch of {batches} batches, {threads} threads: ours {statistics.median(ours):.3f} s, "
          f"PyTorch {torch.__version__} {statistics.median(theirs):.3f} s, "
          f"ours/PyTorch {ratio:.3f} (at most 1 wanted)")
    return 0 if ratio <= 1 else 1


if __name__ == "__main__":
    sys.exit(main())
