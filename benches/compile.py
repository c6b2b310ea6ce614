#!/usr/bin/env python3
"""Measures how fast `codexc` checks and builds made-up projects, and in how much memory.

    compile.py [--codexc PATH] [--lines 10000,200000,1000000] [--runs 5] [--jobs 1] [--markdown FILE]

CPU time is user + system of the whole process, as the kernel counts it for `wait4`; medians of interleaved runs.
The shares of the phases are what `--timings` says, so of wall time: with other work on the machine they are rough.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
LINES_IN_A_MODULE = 2000


def generate(lines, folder):
    modules = max(1, lines // LINES_IN_A_MODULE)
    command = [sys.executable, HERE / "generate_project.py", str(lines), str(modules), folder]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return sum(len(f.read_bytes().splitlines()) for f in Path(folder).glob("src/*.glyph"))


def measure(command):
    """CPU seconds, KiB at most, and milliseconds of each phase."""
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read().decode()
    if child.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{text}")
    phases = {name.strip(): float(ms) for name, ms in re.findall(r"^ *(.+?) +([\d.]+) ms +[\d.]+ %$", text, re.M)}
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss, phases


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--codexc", default=ROOT / "target/release/codexc")
    parser.add_argument("--lines", default="10000,200000,1000000")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--jobs", default="1")
    parser.add_argument("--markdown", type=argparse.FileType("w"), default=sys.stdout)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sizes = [int(n) for n in args.lines.split(",")]
        lines = {n: generate(n, f"{folder}/{n}") for n in sizes}
        cells = {(n, what): [] for n in sizes for what in ("check", "build")}
        for _ in range(args.runs):
            for n, what in cells:
                output = ["-o", f"{folder}/out.codex"] if what == "build" else []
                command = [args.codexc, what, f"{folder}/{n}", "--timings", "--jobs", args.jobs, *output]
                cells[n, what].append(measure(command))
    report(lines, cells, args)


def report(lines, cells, args):
    out = args.markdown
    print(f"`compile.py --jobs {args.jobs} --runs {args.runs}`, load {os.getloadavg()[0]:.1f}\n", file=out)
    print("| lines | command | CPU, s | lines a CPU second | µs a line | peak, MiB | KiB a line |", file=out)
    print("|--:|---|--:|--:|--:|--:|--:|", file=out)
    for (n, what), runs in cells.items():
        cpu = statistics.median(r[0] for r in runs)
        peak = statistics.median(r[1] for r in runs)
        per_line = f"{1e6 * cpu / lines[n]:.2f} | {peak / 1024:.0f} | {peak / lines[n]:.2f}"
        print(f"| {lines[n]:,} | {what} | {cpu:.2f} | {lines[n] / cpu:,.0f} | {per_line} |", file=out)
    largest = max(n for n, _ in cells)
    runs = cells[min(200000, largest) if (200000, "build") in cells else largest, "build"]
    phases = {name: statistics.median(r[2][name] for r in runs) for name in runs[0][2]}
    total = sum(phases.values())
    print("\n| phase of `build` | share |\n|---|--:|", file=out)
    for name, ms in phases.items():
        print(f"| {name} | {100 * ms / total:.1f} % |", file=out)


if __name__ == "__main__":
    main()
