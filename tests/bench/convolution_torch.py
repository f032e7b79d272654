"""Our epoch against PyTorch's on the same convolutional network, batch and thread count, in turn.

    convolution_torch.py BENCH-CONVOLUTION [threads] [batches] [rounds] [vgg|mobile]

Random images of 3 x 32 x 32; Adam, batch 64. vgg: three stages of two 3 x 3 convolutions with batch norms, ReLU and a
pool. mobile: two blocks as MobileNetV2 has them, without shortcuts, the second of stride 2. Prints both medians and their
ratio; exits with 77 (skipped) where PyTorch is not installed.
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


VGG = [(64, 3, 1, 1, "relu"), (64, 3, 1, 1, "relu"), 2, (128, 3, 1, 1, "relu"), (128, 3, 1, 1, "relu"), 2,
       (256, 3, 1, 1, "relu"), (256, 3, 1, 1, "relu"), 2]
# Channels (0: as many as there are, one a group), kernel, stride, padding, activation.
MOBILE = [(16, 3, 1, 1, "relu6"), (96, 1, 1, 0, "relu6"), (0, 3, 1, 1, "relu6"), (24, 1, 1, 0, "linear"),
          (144, 1, 1, 0, "relu6"), (0, 3, 2, 1, "relu6"), (32, 1, 1, 0, "linear"), 16]
ACTIVATIONS = {"relu": torch.nn.ReLU, "relu6": torch.nn.ReLU6, "linear": torch.nn.Identity}


def make_model(layers):
    """The model, and the same layers as text. A number is a pool: maxima, or the mean of the whole image at last."""
    modules, texts, channels, side = [], [], 3, 32
    for layer in layers:
        if isinstance(layer, int):
            modules.append(torch.nn.AvgPool2d(layer) if side == layer else torch.nn.MaxPool2d(layer))
            texts.append("s" if side == layer else f"{layer}m")
            side //= layer
            continue
        outputs, kernel, stride, padding, activation = layer
        groups, outputs = (1, outputs) if outputs else (channels, channels)
        modules += [torch.nn.Conv2d(channels, outputs, kernel, stride, padding, groups=groups, bias=False),
                    torch.nn.BatchNorm2d(outputs), ACTIVATIONS[activation]()]
        texts.append(f"{outputs}c{kernel}:stride{stride}:pad{padding}:groups{groups}:norm:{activation}")
        channels, side = outputs, side // stride
    model = torch.nn.Sequential(*modules, torch.nn.Flatten(), torch.nn.Linear(side * side * channels, 10))
    return model, "-".join(texts + ["10:bias"])


def train_epoch(model, optimiser, samples, labels):
    order = torch.randperm(len(samples))
    for first in range(0, len(samples), BATCH):
        index = order[first:first + BATCH]
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(model(samples[index]), labels[index]).backward()
        optimiser.step()


def main():
    program = sys.argv[1]
    threads, batches, rounds = (int(sys.argv[i]) if len(sys.argv) > i else default
                                for i, default in ((2, 2), (3, 8), (4, 3)))
    kind = sys.argv[5] if len(sys.argv) > 5 else "vgg"
    torch.manual_seed(1)
    torch.set_num_threads(threads)
    samples = torch.rand(BATCH * batches, 3, 32, 32)
    labels = torch.arange(len(samples)) % 10
    model, text = make_model(MOBILE if kind == "mobile" else VGG)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.001)
    ours, theirs = [], []
    train_epoch(model, optimiser, samples, labels)
    for _ in range(rounds):
        command = [program, str(threads), str(batches), "2", text]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        ours.append(float(output.split()[1]))
        start = time.perf_counter()
        train_epoch(model, optimiser, samples, labels)
        theirs.append(time.perf_counter() - start)
    ratio = statistics.median(a / b for a, b in zip(ours, theirs))
    print(f"epoch of {batches} batches, {threads} threads, {kind}: ours "
          f"{statistics.median(ours):.3f} s, PyTorch {torch.__version__} "
          f"{statistics.median(theirs):.3f} s, ours/PyTorch {ratio:.3f} (at most 1 wanted)")
    return 0 if ratio <= 1 else 1


if __name__ == "__main__":
    sys.exit(main())
