"""Runs the programs. Meson puts their paths and the build's features into the environment."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

SMALL = ["--data", "digits", "--layers", "64-96-64-10", "--mca", "32x32"]


def have(feature):
    return os.environ.get("TRN_HAVE_" + feature) == "1"


def command(name, *arguments):
    return [os.environ["TRNNSF_" + name.upper()], *map(str, arguments)]


def run(name, *arguments, code=0, **options):
    """Runs a program to its end and expects the exit code."""
    result = subprocess.run(command(name, *arguments), capture_output=True, text=True,
                            stdin=subprocess.DEVNULL, check=False, timeout=240, **options)
    if result.returncode != code:
        raise AssertionError(f"{name} {arguments}: exit code {result.returncode}, not {code}\n"
                             f"{result.stdout}{result.stderr}")
    return result


def refuse_constant(text):
    raise AssertionError(f"{text} in JSON")


def read_json(path):
    return json.loads(pathlib.Path(path).read_text(encoding="utf-8"),
                      parse_constant=refuse_constant)


class InFolder(unittest.TestCase):
    """Each test has an empty folder."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
