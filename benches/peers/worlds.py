#!/usr/bin/env python3
"""Containers and messages in glyph and its peers: CPU time and memory for each of many.

A case runs one program (worlds/NAME.*) twice: with much to do and with next to
nothing. The difference, divided by how often it was done, is the cost of one:
so the start of each peer is not in it. All peers do the same and print the same.
"""

import argparse
import datetime
import os
import shlex
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import run as harness

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "worlds"


@dataclass(frozen=True)
class Case:
    """What is measured: a program, its arguments, and how often more the first ones let it do it."""

    name: str
    program: str
    much: tuple
    little: tuple
    times: int
    has_memory: bool = False


def cases(size):
    few = size == "small"
    messages, made, idle = (300_000, 100_000, 100_000) if few else (3_000_000, 1_000_000, 1_000_000)
    return [
        Case("ring of 1,000, a hop", "ring", (messages + 17,), (17,), messages),
        Case("ping-pong, a message", "ping", (messages + 1,), (1,), messages),
        Case(f"one of {made:,} that stay alive", "spawn", (made,), (1,), made - 1, has_memory=True),
        Case("a message to itself, 10 idle", "idle", (messages, 10), (0, 10), messages),
        Case(f"the same, {idle:,} idle", "idle", (messages, idle), (0, idle), messages),
    ]


class OneScheduler(harness.Erlang):
    """Erlang with one scheduler, since one process is active at a time, and room for all of them."""

    def prepare(self, source, out):
        program, *rest = super().prepare(source, out)
        return [program, "+S", "1:1", "+P", "2000000", *rest]


def all_peers(codexc, codexvm):
    peers = [
        harness.Glyph("glyph", "off", codexc, codexvm),
        harness.Glyph("glyph-jit", "on", codexc, codexvm),
        OneScheduler(),
        harness.Script("luajit", "lua", ["luajit"], "-v"),
        harness.Lua(),
    ]
    return {peer.name: peer for peer in peers}


class Cell:
    """One case run by one peer."""

    def __init__(self, case, peer):
        self.case, self.peer = case, peer
        self.status, self.why = "ok", None
        self.commands = ()
        self.cpu, self.peak = ([], []), ([], [])

    def end(self, status, why):
        self.status, self.why = status, why

    def cost(self, values, scale):
        """The median of what is more, for each."""
        if self.status != "ok" or not values[0]:
            return None
        more = statistics.median(values[0]) - statistics.median(values[1])
        return more * scale / self.case.times

    def nanoseconds(self):
        return self.cost(self.cpu, 1e9)

    def bytes(self):
        return self.cost(self.peak, 1024)


def prepare(case, peer, missing, scratch):
    cell = Cell(case, peer.name)
    source = SOURCES / f"{case.program}.{peer.extension}"
    if peer.name in missing:
        cell.end("missing", missing[peer.name])
    elif not source.exists():
        cell.end("absent", "makes no sense in this language")
    else:
        out = scratch / peer.name
        out.mkdir(exist_ok=True)
        try:
            command = peer.prepare(source, out)
            # Several arguments are given like one.
            with_all = lambda values: [*peer.with_argument(command, str(values[0])), *map(str, values[1:])]
            cell.commands = (with_all(case.much), with_all(case.little))
        except harness.Missing as error:
            cell.end("missing", str(error))
        except (harness.Failed, OSError) as error:
            cell.end("failed", str(error))
    return cell


def measure(cells, runs, runner):
    """Interleaved (A B C A B C …), so that a slow minute of the machine hits all alike."""
    expected = {}
    for _ in range(runs):
        for cell in cells:
            for which, command in enumerate(cell.commands):
                if cell.status == "ok":
                    measure_once(cell, which, command, expected, runner)


def measure_once(cell, which, command, expected, runner):
    try:
        output, cpu, _, peak = runner.run(command)
    except (harness.Failed, OSError) as error:
        cell.end("failed", str(error))
        return
    peer, first = expected.setdefault(which, (cell.peer, output))
    if output != first:
        cell.end("failed", harness.difference(output, peer, first))
        return
    cell.cpu[which].append(cpu)
    cell.peak[which].append(peak)


def values(cells, of):
    return [harness.mark(cell) if of(cell) is None else f"{of(cell):,.0f}" for cell in cells]


def ratios(cells, yardstick):
    base = next((cell.nanoseconds() for cell in cells if cell.peer == yardstick), None)
    own = [cell.nanoseconds() for cell in cells]
    return [harness.mark(c) if v is None or not base else f"{v / base:.2f}" for c, v in zip(cells, own)]


def tables(rows):
    yield "CPU time of one, ns (user + system)", [[case.name, *values(cells, Cell.nanoseconds)] for case, cells in rows]
    yield "Over Erlang", [[case.name, *ratios(cells, "erlang")] for case, cells in rows]
    with_memory = [(case, cells) for case, cells in rows if case.has_memory]
    if with_memory:
        yield "Memory of one, bytes", [[case.name, *values(cells, Cell.bytes)] for case, cells in with_memory]
    idle = [cells for case, cells in rows if case.program == "idle"]
    if len(idle) == 2:
        few, many = ([cell.nanoseconds() for cell in cells] for cells in idle)
        marks = [harness.mark(cell) for cell in idle[0]]
        both = [f"{m / f:.2f}" if f and m else mark for f, m, mark in zip(few, many, marks)]
        yield "One among many idle over one among 10", [["a message to itself", *both]]


def facts(chosen, versions, missing, rows):
    host = harness.machine()
    yield f"date: {datetime.datetime.now().astimezone().isoformat(timespec='seconds')}"
    yield f"machine: {host['cpu']}, {host['cores']} cores, {host['memory_gib']} GiB, {host['system']}"
    yield f"load after: {', '.join(str(round(value, 2)) for value in os.getloadavg())}"
    yield f"command: {shlex.join(['python3', harness.shown(__file__), *sys.argv[1:]])}"
    yield f"size {chosen.size}, {chosen.runs} interleaved runs of each, medians"
    for peer in chosen.peers:
        yield f"{peer}: {versions[peer]}" if peer in versions else f"{peer}: missing ({missing[peer]})"
    for case, cells in rows:
        for cell in cells:
            if cell.status == "failed":
                yield f"FAILED {case.name} in {cell.peer}: {cell.why}"


def arguments():
    peers = list(all_peers(None, None))
    names = list(dict.fromkeys(case.program for case in cases("full")))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=harness.some_of(names, "program"), default=names, metavar="A,B",
                        help=f"of {', '.join(names)} (default: all)")
    parser.add_argument("--peers", type=harness.some_of(peers, "peer"), default=peers, metavar="A,B",
                        help=f"of {', '.join(peers)} (default: all)")
    parser.add_argument("--runs", type=harness.positive, default=5, metavar="N", help="runs of each (default: 5)")
    parser.add_argument("--size", choices=["small", "full"], default="full", help="small: a tenth (default: full)")
    parser.add_argument("--codexc", type=Path, default=harness.ROOT / "target/release/codexc", metavar="PATH")
    parser.add_argument("--codexvm", type=Path, default=harness.ROOT / "target/release/codexvm", metavar="PATH")
    parser.add_argument("--timeout", type=float, default=120.0, metavar="S", help="for one process (default: 120)")
    return parser.parse_args()


def main():
    chosen = arguments()
    known = all_peers(chosen.codexc.resolve(), chosen.codexvm.resolve())
    peers = [known[name] for name in chosen.peers]
    versions, missing = harness.find_versions(peers)
    rows = []
    with tempfile.TemporaryDirectory(prefix="glyph-worlds-") as folder:
        scratch = Path(folder)
        runner = harness.Runner(scratch, chosen.timeout)
        if not runner.launcher:
            print("gcc is missing and so the launcher: memory below that of this harness is not seen", file=sys.stderr)
        for case in cases(chosen.size):
            if case.program in chosen.programs:
                cells = [prepare(case, peer, missing, scratch) for peer in peers]
                measure(cells, chosen.runs, runner)
                rows.append((case, cells))
    for title, table in tables(rows):
        print(title, *harness.plain_table(["", *chosen.peers], table), "", sep="\n")
    print(*facts(chosen, versions, missing, rows), sep="\n")
    return 1 if any(cell.status == "failed" for _, cells in rows for cell in cells) else 0


if __name__ == "__main__":
    sys.exit(main())
