"""Command lines: help, version, exit codes, one error line on stderr."""

import unittest

from programs import InFolder, have, run

OF_ALL = ["--seed", "--threads", "--backend", "--json", "--reproducible", "--quiet", "--help",
          "--version"]
OWN = {
    "transform": ["--network", "--teacher", "--layers", "--data", "--grey", "--image", "--method", "--variant",
                  "--schedule", "--set", "--epochs", "--tech", "--mca", "--target", "--vary", "--compare",
                  "--checkpoint", "--save", "--mapping", "--figure"],
    "map": ["--mca", "--rule", "--cost", "--discard", "--crossbars", "--cost-limit", "--salience",
            "--save-pruned"],
    "info": ["--techs", "--keys", "--tech", "--tech-keys"],
    "spike": ["--data", "--mapping", "--tech", "--mca", "--set", "--chips", "--reset", "--balance", "--percentile",
              "--leak", "--initial", "--steps", "--coding", "--readout", "--patience", "--figure", "--sample"],
    "analog": ["--data", "--mapping", "--tech", "--set", "--mca", "--time", "--chips", "--each",
               "--calibration"],
}

WRONG = [
    ("transform",),
    ("transform", "--data"),
    ("transform", "--data", "digits", "--no-such-option"),
    ("transform", "--data", "digits", "extra"),
    ("transform", "--data", "digits", "--method", "magic"),
    ("transform", "--data", "digits", "--variant", "new"),
    ("transform", "--data", "digits", "--layers", "64"),
    ("transform", "--data", "digits", "--layers", "64-"),
    ("transform", "--data", "digits", "--layers", "64-0-10"),
    ("transform", "--data", "digits", "--layers", "64-99999999999999999999-10"),
    ("transform", "--data", "digits", "--layers", "64-10", "--network", "x"),
    ("transform", "--data", "digits", "--layers", "8c3-2s-10", "--network", "x"),
    ("transform", "--data", "digits", "--layers", "8c9-2s-10"),
    ("transform", "--data", "digits", "--layers", "8c3:soft-2s-10"),
    ("transform", "--data", "digits", "--image", "8x8"),
    ("transform", "--data", "digits", "--image", "1x8x8x1"),
    ("transform", "--data", "digits", "--image", "1x0x8"),
    ("transform", "--data", "digits", "--mca", "64"),
    ("transform", "--data", "digits", "--mca", "0x64"),
    ("transform", "--data", "digits", "--epochs", "many"),
    ("transform", "--data", "digits", "--epochs", "0"),
    ("transform", "--data", "digits", "--set", "train.rate"),
    ("transform", "--data", "digits", "--set", "train.rate=-1"),
    ("transform", "--data", "digits", "--set", "train.rate=nan"),
    ("transform", "--data", "digits", "--set", "no.such.key=1"),
    ("transform", "--data", "digits", "--set", "train.optimiser=lion"),
    ("transform", "--data", "digits", "--target", "beauty=1"),
    ("transform", "--data", "digits", "--target", "loss=little"),
    ("transform", "--data", "digits", "--target", "loss=0.1", "--compare", "none"),
    ("transform", "--data", "digits", "--target", "area=1e-8"),
    ("transform", "--data", "digits", "--target", "energy=1e-8", "--method", "prune"),
    ("transform", "--data", "digits", "--target", "area=0", "--method", "pack"),
    ("transform", "--data", "digits", "--target", "crossbars=9", "--method", "pack", "--vary", "pack.patches"),
    ("transform", "--data", "digits", "--target", "crossbars=9", "--method", "pack", "--vary", "pack.patches=1,"),
    ("transform", "--data", "digits", "--target", "crossbars=9", "--method", "pack", "--vary", "a=" + 255 * "1"),
    ("transform", "--data", "digits", "--target", "crossbars=9", "--method", "pack", "--vary",
     ",".join(9 * ["pack.effort=1"])),
    ("transform", "--data", "digits", "--target", "crossbars=9", "--method", "pack",
     *(17 * ("--vary", "pack.patches=0.5"))),
    ("transform", "--data", "digits", "--target", "crossbars=9", "--method", "pack", "--vary", "pack.patches=0.5",
     "--compare", "none"),
    ("transform", "--data", "digits", "--target", "area=nan", "--method", "pack"),
    ("transform", "--data", "digits", "--target", "area=1", "--method", "pack", "--compare", "none"),
    ("transform", "--data", "digits", "--target", "area=1", "--target", "energy=1", "--method",
     "pack"),
    ("transform", "--data", "digits", "--target", "area=1", "--target", "crossbars=9", "--method",
     "pack"),
    ("transform", "--data", "digits", "--compare", "dense,magic"),
    ("transform", "--data", "digits", "--figure", "picture.gif"),
    ("transform", "--data", "digits", "--seed", "-1"),
    ("transform", "--data", "digits", "--seed", "99999999999999999999"),
    ("transform", "--data", "digits", "--threads", "0"),
    ("transform", "--data", "digits", "--threads", "257"),
    ("transform", "--data", "digits", "--backend", "quantum"),
    ("spike",),
    ("spike", "a.net"),
    ("spike", "a.net", "--data", "digits", "--steps", "0"),
    ("spike", "a.net", "--data", "digits", "--reset", "one"),
    ("spike", "a.net", "--data", "digits", "--percentile", "most"),
    ("analog",),
    ("analog", "a.net"),
    ("analog", *(17 * ("a.net",)), "--data", "digits"),
    ("analog", "a.net", "b.net", "--data", "digits", "--mapping", "a.mapping"),
    ("analog", "a.net", "--data", "digits", "--part", "some"),
    ("analog", "a.net", "--data", "digits", "--samples", "0"),
    ("analog", "a.net", "--data", "digits", "--sweep", "adc_bits"),
    ("analog", "a.net", "--data", "digits", "--sweep", "=1"),
    ("analog", "a.net", "--data", "digits", "--sweep", "adc_bits=4,,6"),
    ("analog", "a.net", "--data", "digits", "--sweep", "adc_bits=" + 40 * "1"),
    ("analog", "a.net", "--data", "digits", "--sweep", "adc_bits=" + ",".join(65 * ["4"])),
    ("analog", "a.net", "--data", "digits", "--sweep", "adc_bits=four"),
    ("analog", "a.net", "--data", "digits", "--sweep", "time=late"),
    ("analog", "a.net", "--data", "digits", "--sweep", "no_such_key=4"),
    ("analog", "a.net", "--data", "digits", "--sweep", "adc_bits+=4"),
    ("analog", "a.net", "--data", "digits", "--sweep", "adc_bits=4,x", "--figure", "a.svg"),
    ("analog", "a.net", "--data", "digits", "--sweep", "adc_bits=4", "--figure", "a.gif"),
    ("analog", "a.net", "--data", "digits", "--figure", "a.svg"),
    ("analog", "a.net", "--data", "digits", "--floor", "100"),
    ("analog", "a.net", "--data", "digits", "--wires-map", "a"),
    ("analog", "a.net", "--data", "digits", "--conductances", "a.gif"),
    ("analog", "a.net", "--data", "digits", "--crossbar", "first"),
    ("analog", "a.net", "--data", "digits", "--chips", "0"),
    ("analog", "a.net", "--data", "digits", "--chips", "many"),
    ("analog", "a.net", "--data", "digits", "--time", "soon"),
    ("analog", "a.net", "--data", "digits", "--set", "adc_bits"),
    ("analog", "a.net", "--data", "digits", "--set", "adc_bits=x"),
    ("analog", "a.net", "--data", "digits", "--set", "adc_bits=1.5"),
    ("analog", "a.net", "--data", "digits", "--set", "no_such_key=1"),
    ("map",),
    ("map", "a.mtx"),
    ("map", "a.mtx", "b.mtx", "--mca", "4x4"),
    ("map", "a.mtx", "--mca", "4x4", "--rule", "guess"),
    ("map", "a.mtx", "--mca", "4by4"),
    ("map", "a.mtx", "--mca", "4x4", "--cost", "beauty"),
    ("map", "a.mtx", "--mca", "4x4", "--rule", "pack", "--discard", "1"),
    ("map", "a.mtx", "--mca", "4x4", "--rule", "pack", "--discard", "nan"),
    ("map", "a.mtx", "--mca", "4x4", "--rule", "pack", "--crossbars", "0"),
    ("map", "a.mtx", "--mca", "4x4", "--rule", "pack", "--crossbars", "3", "--discard", "0.1"),
    ("map", "a.mtx", "--mca", "4x4", "--rule", "pack", "--cost-limit", "3"),
    ("map", "a.mtx", "--mca", "4x4", "--rule", "pack", "--salience", "odour"),
    ("map", "a.mtx", "--mca", "4x4", "--rule", "pack", "--effort", "10"),
    ("map", "a.mtx", "--mca", "4x4", "--discard", "0.1"),
    ("map", "a.mtx", "--mca", "4x4", "--save-pruned", "b.mtx"),
    ("info",),
    ("info", "a", "b"),
    ("info", "a", "--keys"),
]

FAILING = [
    ("transform", "--data", "/no/such/folder"),
    ("transform", "--data", "digits", "--tech", "/no/such/tech.yaml"),
    ("transform", "--data", "digits", "--schedule", "/no/such/schedule.yaml"),
    ("transform", "--data", "digits", "--network", "/no/such/network"),
    ("transform", "--data", "digits", "--teacher", "/no/such/network", "--set", "train.distil=0.5"),
    ("transform", "--data", "digits", "--set", "train.distil=0.5"),
    ("transform", "--data", "digits", "--layers", "63-10"),
    ("transform", "--data", "digits", "--image", "3x8x8"),
    ("map", "/no/such/matrix.mtx", "--mca", "4x4"),
    ("map", "/no/such/network", "--mca", "4x4"),
    ("info", "/no/such/file"),
    ("info", "--tech", "no-such-technology"),
]


class Usage(InFolder):
    def test_help_and_version(self):
        for name, own in OWN.items():
            result = run(name, "--help")
            self.assertEqual(result.stderr, "")
            self.assertTrue(result.stdout.startswith(f"Usage: trnnsf-{name} "))
            for option in own + OF_ALL:
                self.assertIn(f"  {option}", result.stdout)
            for line in result.stdout.splitlines():
                self.assertLessEqual(len(line), 100, line)
            version = run(name, "--version").stdout
            self.assertRegex(version, rf"^trnnsf-{name} \d+\.\d+\.\d+\n$")

    def expect_one_line(self, arguments, code):
        name = arguments[0]
        with self.subTest(arguments=arguments):
            result = run(name, *arguments[1:], code=code, cwd=self.folder)
            self.assertEqual(result.stdout, "")
            self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
            self.assertTrue(result.stderr.startswith(f"trnnsf-{name}: "), result.stderr)

    @unittest.skipUnless(have("ZLIB") and have("YAML"), "the digits and their schedule are not read")
    def test_wrong_command_lines(self):
        for arguments in WRONG:
            self.expect_one_line(arguments, 2)

    def test_failures(self):
        for arguments in FAILING:
            self.expect_one_line(arguments, 1)


unittest.main()
