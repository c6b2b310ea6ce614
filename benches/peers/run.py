#!/usr/bin/env python3
"""Whole programs in glyph and its peers: CPU time and peak memory of each process.

Every program exists once for each peer (programs/NAME/NAME.*), does the same
work in the same way and prints the same text; a peer whose text differs is
reported as failed and not compared. README.md says how to read the tables.
"""

import argparse
import datetime
import json
import math
import os
import platform
import re
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SOURCES = HERE / "programs"

# The argument for each size. Full takes Lua 5.4 about 1 to 3 s, small about 0.05 s.
PROGRAMS = {
    "fib": {"full": "37", "small": "30"},
    "nbody": {"full": "500000", "small": "15000"},
    "spectral-norm": {"full": "800", "small": "140"},
    "mandelbrot": {"full": "1500", "small": "240"},
    "fannkuch": {"full": "10", "small": "8"},
    "sieve": {"full": "20000000", "small": "700000"},
    "binary-trees": {"full": "16", "small": "11"},
    "word-count": {"full": "2000000", "small": "70000"},
    "list-memory": {"full": "10000000", "small": "1000000"},
    "hello": {"full": None, "small": None},
}

# Measured for one figure only (peak memory, start), so not in the geometric means.
APART = {"list-memory", "hello"}

# The peers that others are compared with.
YARDSTICKS = {"gcc": "gcc -O2", "lua5.4": "Lua 5.4"}


class Missing(Exception):
    """The peer, or a tool that it needs, is not installed."""


class Failed(Exception):
    """The peer is there but could not do its work; the text says why."""


# ---------------------------------------------------------------- peers


class Peer:
    """One way to run a program: finds its tools, prepares a source, gives a command."""

    name = ""
    extension = ""

    def version(self):
        """One line about the tools, or Missing."""
        raise NotImplementedError

    def prepare(self, source, out):
        """Compiles what needs compiling to the folder `out`; the command without its argument."""
        raise NotImplementedError

    def with_argument(self, command, argument):
        return command if argument is None else [*command, argument]


class Gcc(Peer):
    name, extension = "gcc", "c"

    def version(self):
        return first_line([tool("gcc"), "--version"])

    def prepare(self, source, out):
        target = out / source.stem
        must_run([tool("gcc"), "-O2", "-o", target, source, "-lm"])
        return [target]


class Script(Peer):
    """A peer that reads its source at each start."""

    def __init__(self, name, extension, names, version_flag):
        self.name, self.extension = name, extension
        self.names, self.version_flag = names, version_flag

    def version(self):
        return first_line([tool(*self.names), self.version_flag])

    def prepare(self, source, out):
        return [tool(*self.names), source]


class Lua(Script):
    """Lua 5.4 under any of its usual names."""

    def __init__(self):
        super().__init__("lua5.4", "lua", ["lua5.4", "lua54", "lua"], "-v")

    def version(self):
        line = super().version()
        if not line.startswith("Lua 5.4"):
            raise Missing(f"needs Lua 5.4, found {line}")
        return line


class CPython(Peer):
    """The interpreter that runs this harness: a launcher script in between would be measured too."""

    name, extension = "cpython", "py"

    def version(self):
        return f"{platform.python_implementation()} {platform.python_version()}"

    def prepare(self, source, out):
        return [sys.executable, source]


class Erlang(Peer):
    name, extension = "erlang", "erl"

    def version(self):
        release = "io:format(\"~s ~p\", [erlang:system_info(otp_release), erlang:system_info(emu_flavor)]), halt()."
        return "Erlang/OTP " + first_line([tool("erl"), "-noshell", "-eval", release])

    def prepare(self, source, out):
        must_run([tool("erlc"), "-o", out, source])
        # Without +sbwt none, idle schedulers spin for a while and that is counted as CPU time.
        return [
            tool("erl"), "+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none",
            "-noshell", "-noinput", "-boot", "no_dot_erlang", "-pa", out, "-s", source.stem, "main",
        ]

    def with_argument(self, command, argument):
        return command if argument is None else [*command, "-extra", argument]


class Glyph(Peer):
    """The interpreter alone, or with the native tier."""

    extension = "glyph"

    def __init__(self, name, jit, codexc, codexvm):
        self.name, self.jit = name, jit
        self.codexc, self.codexvm = codexc, codexvm

    def version(self):
        for path in (self.codexc, self.codexvm):
            if not os.access(path, os.X_OK):
                raise Missing(f"no {path.name} at {shown(path)}; `cargo build --release` makes it")
        return first_line([self.codexvm, "--version"])

    def prepare(self, source, out):
        target = out / (source.stem + ".codex")
        must_run([self.codexc, "build", source, "-o", target])
        return [self.codexvm, "run", f"--jit={self.jit}", target]

    def with_argument(self, command, argument):
        return command if argument is None else [*command, "--", argument]


def all_peers(codexc, codexvm):
    peers = [
        Gcc(),
        Script("luajit", "lua", ["luajit"], "-v"),
        Script("node", "js", ["node", "nodejs"], "--version"),
        Erlang(),
        Lua(),
        CPython(),
        Glyph("glyph", "off", codexc, codexvm),
        Glyph("glyph-jit", "on", codexc, codexvm),
    ]
    return {peer.name: peer for peer in peers}


# ---------------------------------------------------------------- processes


def tool(*names):
    for name in names:
        if found := shutil.which(name):
            return found
    raise Missing(f"{names[0]} is not installed")


def first_line(command):
    """The first line a tool prints about itself, on either stream."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=30)
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[0] if lines else "unknown version"


def must_run(command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        raise Failed(f"{Path(command[0]).name} failed: {summary(done.stderr or done.stdout)}")


def summary(text, limit=200):
    """Text on one line, cut to a length that fits a report."""
    line = " ".join(text.split()) or "no message"
    return line if len(line) <= limit else line[:limit] + " …"


def shown(path):
    """A path as a reader of the report knows it: below the repository if it is there."""
    try:
        return str(Path(path).resolve().relative_to(ROOT))
    except ValueError:
        return str(path)


class Runner:
    """Starts processes one at a time and measures each to its end."""

    def __init__(self, scratch, timeout):
        self.scratch, self.timeout = scratch, timeout
        self.launcher = self.build_launcher()

    def build_launcher(self):
        target = self.scratch / "launch"
        try:
            must_run([tool("gcc"), "-O2", "-o", target, HERE / "launch.c"])
        except (Missing, Failed):
            return None
        return target

    def run(self, command):
        """(output, CPU seconds, wall seconds, peak KiB), or Failed."""
        report = self.scratch / "report"
        report.unlink(missing_ok=True)
        command = [str(part) for part in command]
        if self.launcher:
            command = [str(self.launcher), str(report), *command]
        with open(self.scratch / "out", "w+b") as out, open(self.scratch / "err", "w+b") as err:
            began = time.perf_counter()
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                env=environment(), cwd=self.scratch, start_new_session=True,
            )
            late = threading.Event()

            def stop():
                late.set()
                try:
                    os.killpg(process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass  # it ended just now

            timer = threading.Timer(self.timeout, stop)
            timer.start()
            try:
                _, status, used = os.wait4(process.pid, 0)
            finally:
                timer.cancel()
            wall = time.perf_counter() - began
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            err.seek(0)
            output = out.read().decode(errors="replace")
            complaint = err.read().decode(errors="replace")
        if late.is_set():
            raise Failed(f"did not end within {self.timeout:g} s")
        cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss
        if self.launcher:
            if process.returncode != 0:
                raise Failed(f"the launcher failed: {summary(complaint)}")
            status, user, system, peak = map(int, report.read_text().split())
            cpu = (user + system) / 1e6
        code = os.waitstatus_to_exitcode(status)
        if code < 0:
            raise Failed(f"ended by {signal.Signals(-code).name}: {summary(complaint)}")
        if code > 0:
            raise Failed(f"exit code {code}: {summary(complaint or output)}")
        return output, cpu, wall, peak


def environment():
    """What a measured process may know: nothing that changes how a peer runs."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", "ERL_CRASH_DUMP_SECONDS": "0"}


# ---------------------------------------------------------------- measuring


class Cell:
    """One program run by one peer."""

    def __init__(self, program, peer, argument):
        self.program, self.peer, self.argument = program, peer, argument
        self.status, self.why = "ok", None
        self.command = None
        self.cpu, self.wall, self.peak = [], [], []

    def end(self, status, why):
        self.status, self.why = status, why

    def median(self, what):
        values = getattr(self, what)
        return statistics.median(values) if self.status == "ok" and values else None

    def as_json(self):
        return {
            "program": self.program, "peer": self.peer, "argument": self.argument,
            "status": self.status, "why": self.why,
            "cpu_seconds": self.cpu, "wall_seconds": self.wall, "peak_kib": self.peak,
            "cpu_median": self.median("cpu"), "peak_median": self.median("peak"),
        }


def find_versions(peers):
    """For each peer one line about it, and for each missing one why."""
    versions, missing = {}, {}
    for peer in peers:
        try:
            versions[peer.name] = peer.version()
        except Missing as error:
            missing[peer.name] = str(error)
        except (OSError, subprocess.SubprocessError) as error:
            missing[peer.name] = f"does not start: {error}"
    return versions, missing


def prepare(program, argument, peers, missing, scratch):
    """A cell for each peer, compiled and ready to run unless its status says why not."""
    cells = []
    for peer in peers:
        cell = Cell(program, peer.name, argument)
        cells.append(cell)
        source = SOURCES / program / f"{program}.{peer.extension}"
        if peer.name in missing:
            cell.end("missing", missing[peer.name])
        elif not source.exists():
            cell.end("absent", "makes no sense in this language")
        else:
            out = scratch / peer.name / program
            out.mkdir(parents=True, exist_ok=True)
            try:
                cell.command = peer.with_argument(peer.prepare(source, out), argument)
            except Missing as error:
                cell.end("missing", str(error))
            except (Failed, OSError, subprocess.SubprocessError) as error:
                cell.end("failed", str(error))
    return cells


def measure(cells, runs, runner):
    """Interleaved (A B C A B C …), so that a slow minute of the machine hits all alike."""
    expected = None
    for _ in range(runs):
        for cell in cells:
            if cell.status != "ok":
                continue
            try:
                output, cpu, wall, peak = runner.run(cell.command)
            except (Failed, OSError) as error:
                cell.end("failed", str(error))
                continue
            if expected is None:
                expected = (cell.peer, output)
            if output != expected[1]:
                cell.end("failed", difference(output, *expected))
                continue
            cell.cpu.append(cpu)
            cell.wall.append(wall)
            cell.peak.append(peak)


def difference(output, peer, expected):
    theirs, ours = expected.splitlines(), output.splitlines()
    for number, (want, got) in enumerate(zip(theirs, ours), 1):
        if want != got:
            return f"line {number} differs from {peer}: {summary(got, 60)!r}, not {summary(want, 60)!r}"
    return f"prints {len(ours)} lines, {peer} prints {len(theirs)}"


class Results:
    """All cells, by program and peer."""

    def __init__(self, programs, peers):
        self.programs, self.peers = programs, peers
        self.cells = {}

    def add(self, cells):
        for cell in cells:
            self.cells[cell.program, cell.peer] = cell

    def ratio(self, program, peer, yardstick):
        mine = self.cells.get((program, peer))
        ours = mine.median("cpu") if mine else None
        cell = self.cells.get((program, yardstick))
        theirs = cell.median("cpu") if cell else None
        return ours / theirs if ours is not None and theirs else None

    def compared(self):
        return [program for program in self.programs if program not in APART]

    def geometric_mean(self, peer, yardstick):
        """(mean, number of programs in it); the mean is None when there is none."""
        ratios = [self.ratio(program, peer, yardstick) for program in self.compared()]
        ratios = [ratio for ratio in ratios if ratio]
        if not ratios:
            return None, 0
        return math.exp(statistics.fmean(map(math.log, ratios))), len(ratios)

    def spread(self):
        """How far apart the runs of one cell were, (slowest - fastest) / median: (median, worst, its cell)."""
        spreads = [
            ((max(cell.cpu) - min(cell.cpu)) / cell.median("cpu"), cell)
            for cell in self.cells.values()
            if cell.status == "ok" and len(cell.cpu) > 1 and cell.median("cpu")
        ]
        if not spreads:
            return None
        worst, cell = max(spreads, key=lambda pair: pair[0])
        return statistics.median(spread for spread, _ in spreads), worst, cell


# ---------------------------------------------------------------- the report


def machine():
    def read(path, pattern, fallback):
        try:
            found = re.search(pattern, Path(path).read_text(), re.MULTILINE)
        except OSError:
            found = None
        return found.group(1).strip() if found else fallback

    memory = int(read("/proc/meminfo", r"^MemTotal:\s*(\d+) kB", "0"))
    load = os.getloadavg() if hasattr(os, "getloadavg") else (0.0, 0.0, 0.0)
    return {
        "cpu": read("/proc/cpuinfo", r"^model name\s*:\s*(.*)$", platform.processor() or platform.machine()),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**20, 1),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "load_before": [round(value, 2) for value in load],
    }


def number(value):
    """Three figures that count, never an exponent."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


MARKS = {"missing": "missing", "absent": "–", "failed": "failed"}


def mark(cell):
    return MARKS.get(cell.status, "")


def value_rows(results, what, scale):
    for program in results.programs:
        cells = [results.cells[program, peer] for peer in results.peers]
        values = [cell.median(what) for cell in cells]
        yield [label(cells[0]), *(mark(c) if v is None else number(v * scale) for c, v in zip(cells, values))]


def ratio_rows(results, yardstick):
    for program in results.compared():
        cells = [results.cells[program, peer] for peer in results.peers]
        ratios = [results.ratio(program, peer, yardstick) for peer in results.peers]
        yield [label(cells[0]), *(mark(c) if r is None else number(r) for c, r in zip(cells, ratios))]
    row = ["geometric mean"]
    whole = len(results.compared())
    for peer in results.peers:
        mean, count = results.geometric_mean(peer, yardstick)
        if mean is None:
            row.append("")
        else:
            row.append(number(mean) if count == whole else f"{number(mean)} ({count} of {whole})")
    yield row


def label(cell):
    return cell.program if cell.argument is None else f"{cell.program} {cell.argument}"


def tables(results):
    """(title, rows) of each table; the first cell of a row is its name."""
    yield "CPU time, ms (user + system, median)", list(value_rows(results, "cpu", 1000))
    for yardstick, title in YARDSTICKS.items():
        if results.compared() and results.geometric_mean(yardstick, yardstick)[0] is not None:
            yield f"CPU time over {title}", list(ratio_rows(results, yardstick))
    yield "Peak memory, MiB (resident, median)", list(value_rows(results, "peak", 1 / 1024))


def plain_table(head, rows):
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    for row in [head, *rows]:
        first, *rest = (text.ljust(w) if i == 0 else text.rjust(w) for i, (text, w) in enumerate(zip(row, widths)))
        yield "  ".join([first, *rest]).rstrip()


def markdown_table(head, rows):
    yield "| " + " | ".join(head) + " |"
    yield "|---|" + "--:|" * (len(head) - 1)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def facts(about, results):
    """What a reader must know to repeat the run, and what went wrong in it."""
    host = about["machine"]
    load = ", ".join(str(value) for value in host["load_before"])
    yield f"date: {about['date']}"
    yield f"machine: {host['cpu']}, {host['cores']} cores, {host['memory_gib']} GiB, {host['system']}"
    yield f"load before: {load}"
    yield f"command: {about['command']}"
    yield f"size {about['size']}, {about['runs']} interleaved runs, medians"
    for peer in results.peers:
        version, missing = about["versions"].get(peer), about["missing"].get(peer)
        yield f"{peer}: {version}" if version else f"{peer}: missing ({missing})"
    if spread := results.spread():
        middle, worst, cell = spread
        yield f"spread of the runs: {middle:.0%} in the median, at worst {worst:.0%} ({cell.program}, {cell.peer})"
    if about["peak_floor_kib"]:
        floor = about["peak_floor_kib"] / 1024
        yield f"peak memory below {floor:.0f} MiB is not seen, because gcc is missing and so the launcher"
    for cell in results.cells.values():
        if cell.status == "failed":
            yield f"FAILED {cell.program} in {cell.peer}: {cell.why}"


def plain(about, results):
    head = ["", *results.peers]
    for title, rows in tables(results):
        yield title
        yield from plain_table(head, rows)
        yield ""
    yield from facts(about, results)


def markdown(about, results):
    yield "# Whole programs"
    yield ""
    yield from (f"- {line}" for line in facts(about, results))
    head = ["", *results.peers]
    for title, rows in tables(results):
        yield ""
        yield f"## {title}"
        yield ""
        yield from markdown_table(head, rows)


def as_json(about, results):
    means = {
        yardstick: {
            peer: dict(zip(("mean", "programs"), results.geometric_mean(peer, yardstick))) for peer in results.peers
        }
        for yardstick in YARDSTICKS
        if yardstick in results.peers
    }
    cells = [cell.as_json() for cell in results.cells.values()]
    return {**about, "results": cells, "geometric_means": means}


# ---------------------------------------------------------------- the command


def some_of(known, what):
    def parse(text):
        chosen = [name.strip() for name in text.split(",") if name.strip()]
        for name in chosen:
            if name not in known:
                raise argparse.ArgumentTypeError(f"no {what} {name!r}; there are {', '.join(known)}")
        return [name for name in known if name in chosen]

    return parse


def positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return value


def arguments():
    peers = list(all_peers(None, None))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=some_of(PROGRAMS, "program"), default=list(PROGRAMS), metavar="A,B",
                        help=f"of {', '.join(PROGRAMS)} (default: all)")
    parser.add_argument("--peers", type=some_of(peers, "peer"), default=peers, metavar="A,B",
                        help=f"of {', '.join(peers)} (default: all)")
    parser.add_argument("--runs", type=positive, default=5, metavar="N", help="runs of each (default: 5)")
    parser.add_argument("--size", choices=["small", "full"], default="full",
                        help="full: Lua 5.4 takes 1 to 3 s; small: about 0.05 s (default: full)")
    parser.add_argument("--codexc", type=Path, default=ROOT / "target/release/codexc", metavar="PATH")
    parser.add_argument("--codexvm", type=Path, default=ROOT / "target/release/codexvm", metavar="PATH")
    parser.add_argument("--timeout", type=float, default=120.0, metavar="S", help="for one process (default: 120)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything that was measured")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables")
    return parser.parse_args()


def main():
    chosen = arguments()
    known = all_peers(chosen.codexc.resolve(), chosen.codexvm.resolve())
    peers = [known[name] for name in chosen.peers]
    versions, missing = find_versions(peers)
    about = {
        "date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "machine": machine(),
        "command": shlex.join(["python3", shown(__file__), *sys.argv[1:]]),
        "size": chosen.size,
        "runs": chosen.runs,
        "versions": versions,
        "missing": missing,
        "peak_floor_kib": 0,
    }
    results = Results(chosen.programs, chosen.peers)
    with tempfile.TemporaryDirectory(prefix="glyph-peers-") as folder:
        scratch = Path(folder)
        runner = Runner(scratch, chosen.timeout)
        if not runner.launcher:
            import resource  # only here: the harness's own size is then the floor
            about["peak_floor_kib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for program in chosen.programs:
            if sys.stderr.isatty():
                print(f"{program} …", file=sys.stderr)
            cells = prepare(program, PROGRAMS[program][chosen.size], peers, missing, scratch)
            measure(cells, chosen.runs, runner)
            results.add(cells)
    for line in plain(about, results):
        print(line)
    if chosen.json:
        chosen.json.write_text(json.dumps(as_json(about, results), indent=2, ensure_ascii=False) + "\n")
    if chosen.markdown:
        chosen.markdown.write_text("\n".join(markdown(about, results)) + "\n")
    return 1 if any(cell.status == "failed" for cell in results.cells.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
