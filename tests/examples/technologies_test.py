"""doc/technologies.md and the tables of keys in doc/cost-model.md against what the library says. With
--print, the tables as they should be."""

import math
import pathlib
import re
import sys
import unittest

from programs import run

DOC = pathlib.Path(__file__).resolve().parents[2] / "doc"
UNSAID = "not said: an ideal device"


def presets():
    return [line.split()[0] for line in run("info", "--techs").stdout.splitlines()]


def constants(name):
    """{key: (value, source)}, and the MCA's shape."""
    found = {}
    for line in run("info", "--tech", name).stdout.splitlines():
        key, rest = line.split(None, 1)
        value, _, source = rest.partition(" ")
        found[key] = (value, source.strip())
    return found


def keys():
    """(key, default, low, high, whole, text) of each constant."""
    pattern = re.compile(r"(\w+) +(to be said|\S+) +in \[(\S+), (\S+)\](, whole)?: (.*)")
    return [pattern.fullmatch(line).groups() for line in run("info", "--tech-keys").stdout.splitlines()]


def device_row(name):
    found = constants(name)
    value = {key: pair[0] for key, pair in found.items()}
    own = sum(1 for key, (_, source) in found.items() if key not in ("kind", "name", "mca")
              and source != UNSAID and not source.startswith("as puma-32nm"))
    slices = "1" if value["weight_slices"] == "1" else f"{value['weight_slices']} of {value['slice_bits']} bit"
    return (f"| {name} | {value['mca']} | {float(value['resistance_on_ohm']):.4g} | "
            f"{float(value['resistance_off_ohm']):.4g} | {value['read_voltage_volt']} | "
            f"{value['devices_per_sign']} | {slices} | {value['time_steps']} x {value['dac_bits']} | "
            f"{value['adc_bits']} | {own} |")


def clamped_line(number, prefix, x):
    line = number[f"{prefix}_slope"] * math.log(x) + number[f"{prefix}_offset"]
    return min(max(line, number[f"{prefix}_low"]), number[f"{prefix}_high"])


def effect_row(name):
    number = {key: float(pair[0]) for key, pair in constants(name).items()
              if key not in ("kind", "name", "mca")}

    def sigma(x):
        return 100 * max(sum(number[f"programming_sigma_{power}"] * x ** k for k, power in
                             enumerate(("constant", "linear", "square", "cube", "fourth"))), 0)

    def drift(x):
        mean, spread = clamped_line(number, "drift", x), clamped_line(number, "drift_sigma", x)
        return f"{mean:.3f} ± {spread:.3f}" if mean or spread else "-"

    written = f"{number['conductance_levels']:g} levels" if number["conductance_levels"] else \
        f"{number['pulses']:g} pulses, {100 * number['pulse_sigma']:g} % each" if number["pulses"] else "any"
    programming = " / ".join(f"{sigma(x):.2f}" for x in (0.1, 0.5, 1)) if sigma(0.5) else "-"
    noise = f"{100 * number['read_sigma_on']:.2g}" if number["read_sigma_on"] else \
        f"1/f {100 * number['flicker_sigma']:.2g}" if number["flicker_sigma"] else "-"
    retention = f"{100 * number['retention_shift_per_decade']:.2g} ± " \
                f"{100 * number['retention_sigma_per_decade']:.2g}" \
        if number["retention_sigma_per_decade"] else "-"
    timed = any(cell != "-" for cell in (programming, retention, drift(1)))
    start = f"{number['drift_start_second']:g}" if timed else "-"
    return f"| {name} | {written} | {programming} | {noise} | {start} | {drift(0.1)} | {drift(1)} | {retention} |"


def key_row(key, low, high, whole, text):
    return f"| `{key}` | {text.replace('|', '')} | {low} … {high}{whole or ''} |"


class Documents(unittest.TestCase):
    def test_rows_of_presets(self):
        text = (DOC / "technologies.md").read_text(encoding="utf-8")
        for name in presets():
            self.assertIn(device_row(name) + "\n", text)
            self.assertIn(effect_row(name) + "\n", text)
            self.assertRegex(text, rf"(?m)^\*\*{re.escape(name)}\*\*")

    def test_only_these_presets(self):
        text = (DOC / "technologies.md").read_text(encoding="utf-8")
        self.assertEqual(re.findall(r"(?m)^\*\*(\S+)\*\*", text), presets())

    def test_rows_of_keys(self):
        text = (DOC / "cost-model.md").read_text(encoding="utf-8")
        for key, otherwise, low, high, whole, words in keys():
            row = key_row(key, low, high, whole, words)
            self.assertIn(row if otherwise == "to be said" else f"{row} {otherwise} |\n", text)


def print_tables():
    for row in device_row, effect_row:
        print(*map(row, presets()), sep="\n", end="\n\n")
    for key, otherwise, low, high, whole, words in keys():
        if otherwise != "to be said":
            print(f"{key_row(key, low, high, whole, words)} {otherwise} |")


if "--print" in sys.argv:
    print_tables()
else:
    unittest.main()
