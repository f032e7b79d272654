"""Networks in PyTorch as they are written there, and their ONNX files. `width` scales channels, so that the
same network is a small file or the real one."""
import io

import torch
from torch import nn


class LeNet(nn.Module):
    """LeCun et al. 1998, with ReLU. Flattens as scripts do: with Shape, Gather and Concat in the file."""

    def __init__(self, width=1.0):
        super().__init__()
        a, b, c, d = (max(2, round(width * n)) for n in (6, 16, 120, 84))
        self.conv1, self.conv2 = nn.Conv2d(1, a, 5, padding=2), nn.Conv2d(a, b, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(b * 25, c), nn.Linear(c, d), nn.Linear(d, 10)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = torch.max_pool2d(torch.relu(self.conv2(x)), 2)
        x = x.view(x.size(0), -1)
        x = torch.relu(self.fc1(x))
        return self.fc3(torch.relu(self.fc2(x)))


def vgg8(width=1.0):
    layers, n_in = [], 3
    for step, n in enumerate((64, 64, 128, 128, 256, 256)):
        n = max(2, round(width * n))
        layers += [nn.Conv2d(n_in, n, 3, padding=1, bias=False), nn.BatchNorm2d(n), nn.ReLU()]
        layers += [nn.MaxPool2d(2)] if step % 2 else []
        n_in = n
    hidden = max(4, round(width * 512))
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(n_in * 16, hidden), nn.ReLU(), nn.Dropout(0.5),
                         nn.Linear(hidden, 10))


class Residual(nn.Module):
    def __init__(self, n_in, n_out, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(n_in, n_out, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(n_out, n_out, 3, 1, 1, bias=False)
        self.norm1, self.norm2 = nn.BatchNorm2d(n_out), nn.BatchNorm2d(n_out)
        self.short = nn.Sequential() if stride == 1 and n_in == n_out else nn.Sequential(
            nn.Conv2d(n_in, n_out, 1, stride, bias=False), nn.BatchNorm2d(n_out))

    def forward(self, x):
        y = self.norm2(self.conv2(torch.relu(self.norm1(self.conv1(x)))))
        return torch.relu(y + self.short(x))


def resnet18(width=1.0):
    """He et al. 2016, with the first layer for images of 32 x 32."""
    n = max(2, round(64 * width))
    blocks = [nn.Conv2d(3, n, 3, padding=1, bias=False), nn.BatchNorm2d(n), nn.ReLU()]
    n_in = n
    for stage in range(4):
        for block in range(2):
            blocks.append(Residual(n_in, n << stage, 2 if stage and not block else 1))
            n_in = n << stage
    return nn.Sequential(*blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(n_in, 10))


class Inverted(nn.Module):
    def __init__(self, n_in, n_out, stride, expand):
        super().__init__()
        n = n_in * expand
        first = [] if expand == 1 else [nn.Conv2d(n_in, n, 1, bias=False), nn.BatchNorm2d(n), nn.ReLU6()]
        self.body = nn.Sequential(*first, nn.Conv2d(n, n, 3, stride, 1, groups=n, bias=False), nn.BatchNorm2d(n),
                                  nn.ReLU6(), nn.Conv2d(n, n_out, 1, bias=False), nn.BatchNorm2d(n_out))
        self.adds = stride == 1 and n_in == n_out

    def forward(self, x):
        return x + self.body(x) if self.adds else self.body(x)


class MobileNetV2(nn.Module):
    """Sandler et al. 2018, table 2, with stride 1 where images of 32 x 32 would vanish."""

    def __init__(self, width=1.0, repeats=None):
        super().__init__()
        rows = [(1, 16, 1, 1), (6, 24, 2, 1), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
                (6, 320, 1, 1)]
        n_in = max(4, round(32 * width))
        layers = [nn.Conv2d(3, n_in, 3, 1, 1, bias=False), nn.BatchNorm2d(n_in), nn.ReLU6()]
        for expand, n, count, stride in rows:
            n = max(4, round(n * width))
            for k in range(min(count, repeats or count)):
                layers.append(Inverted(n_in, n, stride if k == 0 else 1, expand))
                n_in = n
        n = max(8, round(1280 * width))
        self.features = nn.Sequential(*layers, nn.Conv2d(n_in, n, 1, bias=False), nn.BatchNorm2d(n), nn.ReLU6())
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(n, 10))

    def forward(self, x):
        return self.classifier(self.features(x).mean([2, 3]))


def mlp(width=1.0):
    n = max(4, round(256 * width))
    return nn.Sequential(nn.Linear(64, n), nn.BatchNorm1d(n), nn.ReLU(), nn.Dropout(0.2), nn.Linear(n, n, bias=False),
                         nn.BatchNorm1d(n), nn.Tanh(), nn.Linear(n, 10), nn.Softmax(1))


def sequence(width=1.0):
    a, b = max(2, round(16 * width)), max(4, round(32 * width))
    return nn.Sequential(nn.Conv1d(2, a, 7, stride=2, padding=3), nn.BatchNorm1d(a), nn.ReLU(), nn.MaxPool1d(2),
                         nn.Conv1d(a, b, 3, dilation=2, groups=2), nn.LeakyReLU(0.1), nn.AvgPool1d(3, 2, 1),
                         nn.Conv1d(b, b, 3, padding=1), nn.Sigmoid(), nn.AdaptiveAvgPool1d(1), nn.Flatten(),
                         nn.Linear(b, 5))


def chain(width=1.0):
    """Fully connected layers alone."""
    n = max(4, round(100 * width))
    return nn.Sequential(nn.Linear(20, n), nn.ReLU(), nn.Linear(n, n), nn.Sigmoid(), nn.Linear(n, 4))


class Swish(nn.Module):
    """Hard swish by its own operator, as Howard et al. 2019 have it, and in two other orders; joined."""

    def __init__(self, width=1.0):
        super().__init__()
        n = max(2, round(8 * width))
        self.first = nn.Conv2d(3, n, 3, stride=2, padding=1)
        self.parts = nn.ModuleList(nn.Conv2d(n, n, (1, 3), padding=(0, 1)) for _ in range(4))
        self.last = nn.Linear(4 * n, 6)

    def forward(self, x):
        x = nn.functional.hardswish(self.first(x))
        a, b, c, d = (part(x) for part in self.parts)
        a = nn.functional.hardswish(a)
        b = b * nn.functional.relu6(b + 3) / 6
        c = c * (nn.functional.relu6(c + 3) / 6)
        d = d * nn.functional.hardsigmoid(d)
        return self.last(torch.cat([a, b, c, d], 1).mean([2, 3]))


class Odd(nn.Module):
    """What networks do beside the usual: padding by itself, rounded-up pooling, scales, shapes."""

    def __init__(self, width=1.0):
        super().__init__()
        n = max(2, round(6 * width))
        self.n = n
        self.a, self.b = nn.Conv2d(2, n, (3, 2), stride=(2, 1)), nn.Conv2d(n, n, 3, dilation=2)
        self.c = nn.Conv1d(n * 2, 5, 2)
        self.d = nn.Linear(20, 7, bias=False)
        self.register_buffer("mean", torch.tensor([0.3, -0.2]).view(2, 1, 1))

    def forward(self, x):
        x = (x - self.mean) / 0.7
        x = nn.functional.pad(x, (2, 1, 0, 1))
        x = nn.functional.leaky_relu(self.a(x), 0.2)
        x = nn.functional.max_pool2d(x, 3, 2, 1, ceil_mode=True)
        x = torch.relu(self.b(nn.functional.pad(x, (2, 2, 2, 2))))
        x = nn.functional.max_pool2d(nn.functional.pad(x, (1, 0, 1, 0)), 2, 2)
        x = nn.functional.avg_pool2d(x, 2, 1, 1, count_include_pad=False)[:, :, :, :]
        x = nn.functional.avg_pool2d(x, (2, 1))
        x = x.reshape(x.shape[0], self.n * 2, -1)
        x = torch.sigmoid(self.c(x))
        x = x.unsqueeze(2).squeeze(2).flatten(1)
        return self.d(x) + 0.5


MODELS = {  # name: (maker, shape of a sample)
    "lenet": (LeNet, (1, 28, 28)),
    "vgg8": (vgg8, (3, 32, 32)),
    "resnet18": (resnet18, (3, 32, 32)),
    "mobilenetv2": (MobileNetV2, (3, 32, 32)),
    "mlp": (mlp, (64,)),
    "sequence": (sequence, (2, 600)),
    "chain": (chain, (20,)),
    "swish": (Swish, (3, 12, 12)),
    "odd": (Odd, (2, 17, 13)),
}
ASKED = ["lenet", "vgg8", "resnet18", "mobilenetv2", "mlp", "sequence"]


def make(name, width=1.0, **more):
    """In evaluation mode, its batch norms with statistics of their own."""
    torch.manual_seed(11)
    maker, shape = MODELS[name]
    model = maker(width, **more)
    model.train()
    with torch.no_grad():
        for _ in range(3):
            model(0.5 + 1.5 * torch.randn(8, *shape))
        for layer in model.modules():
            if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
                layer.weight.uniform_(0.5, 1.5)
                layer.bias.uniform_(-0.5, 0.5)
    return model.eval(), shape


def export(model, shape, opset=13, dynamic=True, fold=False):
    """The file's bytes. `fold`: batch norms become part of convolutions, constants are computed."""
    buffer = io.BytesIO()
    torch.onnx.export(model, torch.zeros(1, *shape), buffer, opset_version=opset, input_names=["x"], output_names=["y"],
                      dynamic_axes={"x": {0: "n"}, "y": {0: "n"}} if dynamic else None, do_constant_folding=fold,
                      training=torch.onnx.TrainingMode.EVAL if fold else torch.onnx.TrainingMode.PRESERVE)
    return buffer.getvalue()
