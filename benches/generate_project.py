#!/usr/bin/env python3
"""Writes a made-up glyph project of about a given size, to measure how fast it compiles.

    generate_project.py N_LINES N_MODULES OUTDIR [--seed S]

The project is codex.toml, src/main.glyph and src/m000.glyph onwards. A module
is a row of units (records, variants, loops, pipes, generics, results, maps …)
with random names, numbers, shapes and expressions; it imports earlier modules
and calls their functions; its `run` calls all its units, and `main` calls every
`run`. The same arguments give the same bytes. The programs are meant to run:
no number grows large, all recursion is short, and what the tests expect is
worked out here by the same arithmetic.
"""

import argparse
import random
import shutil
import sys
from pathlib import Path
from string import Template

NOUNS = """anchor basket candle drawer engine feather garden hammer island jacket kettle ladder marble needle
orchard pebble quarry ribbon saddle tunnel urchin valley window yarrow zipper acorn bridge copper dinghy ember""".split()
ADJECTIVES = """amber brisk calm dusty eager faint gentle hollow ivory jolly keen lively mossy narrow odd plain
quiet rustic silent tidy upright vivid warm young""".split()
VERBS = """arrange balance collect divide examine follow gather handle inspect join measure notice order pack
rank settle trace unfold weigh""".split()

# Results of units stay below this, so that sums and products of them stay small.
BOUND = 1000


# ---------------------------------------------------------------- expressions
#
# ("literal", 3), ("name", "n") or (operator, left, right). Only + and - join two
# unknowns; the right side of the others is a small literal, so nothing overflows.

BINDS = {"+": 1, "-": 1, "×": 2, "÷": 2, "%": 2}


def show(tree, least=0):
    kind = tree[0]
    if kind in ("literal", "name"):
        return str(tree[1])
    binds = BINDS[kind]
    text = f"{show(tree[1], binds)} {kind} {show(tree[2], binds + 1)}"
    return f"({text})" if binds < least else text


def value(tree, known):
    kind = tree[0]
    if kind == "literal":
        return tree[1]
    if kind == "name":
        return known[tree[1]]
    left, right = value(tree[1], known), value(tree[2], known)
    if kind == "+":
        return left + right
    if kind == "-":
        return left - right
    if kind == "×":
        return left * right
    quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)  # truncates, as in glyph
    return quotient if kind == "÷" else left - quotient * right


def names_in(tree):
    if tree[0] in ("literal", "name"):
        return {tree[1]} if tree[0] == "name" else set()
    return names_in(tree[1]) | names_in(tree[2])


def remainder(number, by):
    return value(("%", ("literal", number), ("literal", by)), {})


# ---------------------------------------------------------------- units


class Unit:
    """The lines of one unit, the name of its function from Int to Int, and what else it offers to other modules."""

    def __init__(self, text, entry, offers=()):
        self.lines = text.strip("\n").splitlines()
        self.entry, self.offers = entry, list(offers)


class Maker:
    """Makes the units of one module. Every `make_…` method is a kind of unit."""

    def __init__(self, rng, imported):
        self.rng, self.imported = rng, imported
        self.count = 0

    def unit(self):
        self.count += 1
        kinds = [name for name in dir(self) if name.startswith("make_")]
        return getattr(self, self.rng.choice(kinds))()

    # Names are numbered, so that no two in a module are the same.
    def words(self):
        noun, adjective, verb = (self.rng.choice(words) for words in (NOUNS, ADJECTIVES, VERBS))
        return {
            "noun": noun, "adjective": adjective, "verb": verb,
            "id": self.count, "T": f"{adjective.title()}{noun.title()}{self.count}",
            "f": f"{verb}_{noun}_{self.count}",
        }

    def expression(self, names, depth=2):
        """A random expression in which every name occurs."""
        tree = self.grow(names, depth)
        for name in names:
            if name not in names_in(tree):
                tree = ("+", tree, ("name", name))
        return tree

    def grow(self, names, depth):
        if depth == 0 or self.rng.random() < 0.1:
            if self.rng.random() < 0.7:
                return ("name", self.rng.choice(names))
            return ("literal", self.rng.randint(1, 40))
        operator = self.rng.choice("++-×÷%")
        left = self.grow(names, depth - 1)
        if operator in "+-":
            return (operator, left, self.grow(names, depth - 1))
        return (operator, left, ("literal", self.rng.randint(2, 9)))

    def numbers(self, least, most):
        return [self.rng.randint(1, 60) for _ in range(self.rng.randint(least, most))]

    def elsewhere(self, argument="n"):
        """An Int, mostly from an earlier module; it binds like a call."""
        if not self.imported or self.rng.random() < 0.4:
            return f"({show(self.expression([argument], 1))})"
        module, offers = self.rng.choice(self.imported)
        kind, *names = self.rng.choice(offers)
        few = self.rng.randint(3, 9)
        if kind == "entry":
            return f"{module}.{names[0]}({argument} % {few})"
        if kind == "made":
            return f"({module}.{names[0]}({argument} % {few}) ▷ {module}.{names[1]}())"
        if kind == "keep":
            return f"list.length({module}.{names[0]}([{argument}, {few}, {few + 4}], λ x → x > {few}))"
        assert kind == "twice", kind
        return f"{module}.{names[0]}(λ x → x + {few}, {argument})"

    def make_record(self):
        words, rng = self.words(), self.rng
        extra = rng.sample(["label: Text", "weight: Float", "ready: Bool", "marks: List[Int]"], rng.randint(1, 4))
        given = {
            "label: Text": f'label: "{words["noun"]} {{size}}"',
            "weight: Float": f"weight: int.to_float(size) × {rng.randint(1, 9)}.5",
            "ready: Bool": f"ready: size > {rng.randint(1, 20)}",
            "marks: List[Int]": f"marks: [size, {rng.randint(1, 9)}]",
        }
        points = self.expression(["size"])
        by, start = rng.randint(1, 20), rng.randint(1, 30)
        text = Template("""
/// A $adjective $noun, and what is known about it.
pub type $T { size: Int, $fields }

/// Makes a $noun of a size.
pub fn new_$f(size: Int) → $T = $T(size: size, $given)

fn grow_$f(item: $T, by: Int) → $T {
  if item.size > $limit { item } else { $T(..item, size: item.size + by) }
}

/// What a $noun is worth once it has grown.
pub fn score_$f(item: $T) → Int {
  var grown = grow_$f(item, $by)
  grown.size += 1
  let size = grown.size
  ($points) % $bound
}

pub fn $f(n: Int) → Int = score_$f(new_$f(n % 50)) + $elsewhere % $bound

test "$adjective $noun $id" {
  expect score_$f(new_$f($start)) ≡ $expected
}
""")
        limit = rng.randint(5, 40)
        size = (start if start > limit else start + by) + 1
        return Unit(
            text.substitute(
                words, fields=", ".join(extra), given=", ".join(given[name] for name in extra), by=by, start=start,
                limit=limit, points=show(points), bound=BOUND, elsewhere=self.elsewhere(),
                expected=remainder(value(points, {"size": size}), BOUND)),
            words["f"], [("made", f"new_{words['f']}", f"score_{words['f']}")])

    def make_tree(self):
        words, rng = self.words(), self.rng
        leaf, by, depth = rng.randint(1, 9), rng.randint(2, 3), rng.randint(1, 5)
        text = Template("""
/// A $noun in parts.
pub type $T {
  Bare$id
  Single$id(Int)
  Scaled$id(Int, $T)
  Both$id($T, $T)
}

fn build_$f(depth: Int) → $T {
  if depth ≤ 0 {
    Single$id($leaf)
  } else {
    Both$id(Scaled$id($by, build_$f(depth - 1)), if depth % 2 ≡ 0 { Bare$id } else { Single$id(depth) })
  }
}

/// How large a $noun is, all parts together.
pub fn measure_$f(part: $T) → Int {
  match part {
    Bare$id | Single$id(0) → 1
    Single$id(size) → size
    Scaled$id(factor, Single$id(size)) if factor > 1 → factor × size + 1
    Scaled$id(factor, inner) → factor × measure_$f(inner)
    Both$id(left, right) → measure_$f(left) + measure_$f(right)
  }
}

pub fn $f(n: Int) → Int {
  let whole = build_$f(n % 6)
  (measure_$f(whole) + $elsewhere) % $bound
}

test "$adjective $noun $id" {
  expect measure_$f(Bare$id) ≡ 1
  expect measure_$f(build_$f($depth)) ≡ $expected
}
""")

        def measured(depth):
            if depth <= 0:
                return leaf
            scaled = by * leaf + 1 if depth == 1 else by * measured(depth - 1)
            return scaled + (1 if depth % 2 == 0 else depth)

        return Unit(
            text.substitute(words, leaf=leaf, by=by, depth=depth, bound=BOUND, elsewhere=self.elsewhere(),
                            expected=measured(depth)),
            words["f"])

    def make_loops(self):
        words, rng = self.words(), self.rng
        part = self.expression(["i"])
        skip, limit, factor, above = rng.randint(2, 5), rng.randint(20, 60), rng.randint(3, 9), rng.randint(10, 90)
        text = Template("""
fn steps_$f(start: Int) → Int {
  var current = start + 1
  var steps = 0
  while current ≠ 1 ∧ steps < 200 {
    current ≔ if current % 2 ≡ 0 { current ÷ 2 } else { current × 3 + 1 }
    steps += 1
  }
  steps
}

/// The first multiple of $factor above a number.
pub fn above_$f(least: Int) → Int {
  var candidate = least + 1
  loop {
    if candidate % $factor ≡ 0 { return candidate }
    candidate += 1
  }
}

fn sum_$f(n: Int) → Int {
  var total = 0
  for i ∈ 0..n {
    if i % $skip ≡ 1 { continue }
    if i > $limit { break }
    total += $part
  }
  total % $bound
}

pub fn $f(n: Int) → Int {
  let reached = above_$f(n % 70)
  (steps_$f(n % 30) + sum_$f(reached) - $elsewhere) % $bound
}

test "$adjective $noun $id" {
  expect above_$f($above) ≡ $next
  expect sum_$f($above) ≡ $sum
}
""")
        chosen = [i for i in range(above) if i % skip != 1 and i <= limit]
        return Unit(
            text.substitute(
                words, factor=factor, skip=skip, limit=limit, part=show(part), bound=BOUND, above=above,
                next=(above // factor + 1) * factor, elsewhere=self.elsewhere(),
                sum=remainder(sum(value(part, {"i": i}) for i in chosen), BOUND)),
            words["f"])

    def make_pipes(self):
        words, rng = self.words(), self.rng
        steps, mirror = [], []
        for _ in range(rng.randint(2, 5)):
            if rng.random() < 0.6:
                change = self.expression(["x"])
                steps.append(f"    ▷ list.map(λ x → {show(change)})")
                mirror.append(lambda xs, change=change: [value(change, {"x": x}) for x in xs])
            else:
                by = rng.randint(2, 4)
                steps.append(f"    ▷ list.filter(λ x → x % {by} ≠ 1)")
                mirror.append(lambda xs, by=by: [x for x in xs if remainder(x, by) != 1])
        given = self.numbers(3, 8)
        result = given
        for change in mirror:
            result = change(result)
        text = Template("""
/// A list of numbers, brought down to one.
pub fn total_$f(xs: List[Int]) → Int {
  let total = xs
$steps
    ▷ list.fold(0, λ sum x → sum + x)
  total % $bound
}

/// The items that are wanted, in their order.
pub fn keep_$f(xs: List[a], wanted: fn(a) → Bool) → List[a] {
  xs ▷ list.filter(λ x → wanted(x))
}

pub fn $f(n: Int) → Int {
  let given = [n, n + $first, $elsewhere]
  total_$f(keep_$f(given, λ x → x ≠ $first))
}

test "$adjective $noun $id" {
  expect total_$f($given) ≡ $expected
  expect keep_$f(["$noun", "$verb"], λ word → word ≡ "$noun") ≡ ["$noun"]
}
""")
        return Unit(
            text.substitute(words, steps="\n".join(steps), bound=BOUND, given=given, first=given[0],
                            elsewhere=self.elsewhere(), expected=remainder(sum(result), BOUND)),
            words["f"], [("keep", f"keep_{words['f']}")])

    def make_generic(self):
        words, rng = self.words(), self.rng
        first, second = self.numbers(2, 2)
        text = Template("""
/// A pile of anything, the newest on top.
pub type $T[a] { items: List[a], height: Int }

fn none_$f() → $T[a] = $T(items: [], height: 0)

fn put_$f(pile: $T[a], item: a) → $T[a] =
  $T(items: [item, ..pile.items], height: pile.height + 1)

fn top_$f(pile: $T[a], otherwise: a) → a {
  list.first(pile.items) ▷ option.unwrap_or(otherwise)
}

/// The item with the largest measure, the first of equals.
pub fn largest_$f(xs: List[a], by: fn(a) → Int) → Option[a] {
  var winner: Option[a] = None
  for x ∈ xs {
    match winner {
      None → { winner ≔ Some(x) }
      Some(current) → {
        if by(x) > by(current) { winner ≔ Some(x) }
      }
    }
  }
  winner
}

pub fn $f(n: Int) → Int {
  let numbers = none_$f() ▷ put_$f(n % 90) ▷ put_$f($first)
  let names = none_$f() ▷ put_$f("$noun") ▷ put_$f("$verb {n}")
  let longest = largest_$f(names.items, λ name → text.length(name)) ▷ option.unwrap_or("none")
  (top_$f(numbers, 0) × names.height + text.length(longest) + $elsewhere) % $bound
}

test "$adjective $noun $id" {
  expect top_$f(none_$f() ▷ put_$f($first) ▷ put_$f($second), 0) ≡ $second
  expect largest_$f([$first, $second], λ x → x % 10) ≡ Some($largest)
}
""")
        return Unit(
            text.substitute(words, first=first, second=second, bound=BOUND, elsewhere=self.elsewhere(),
                            largest=second if second % 10 > first % 10 else first),
            words["f"])

    def make_result(self):
        words, rng = self.words(), self.rng
        by, extra, good = rng.randint(2, 4), rng.randint(1, 50), rng.randint(1, 20)
        text = Template("""
fn share_$f(n: Int) → Result[Int, Text] {
  if n % $by ≡ 0 { Ok(n ÷ $by) } else { Error("{n} is not a multiple of $by") }
}

/// Shares a $noun twice, if that goes without a rest.
pub fn twice_shared_$f(n: Int) → Result[Int, Text] {
  let once = share_$f(n)?
  let again = share_$f(once)?
  Ok(again + $extra)
}

pub fn $f(n: Int) → Int {
  match twice_shared_$f(n % 100) {
    Ok(0) → 0
    Ok(amount) → (amount + $elsewhere) % $bound
    Error(reason) → text.length(reason)
  }
}

test "$adjective $noun $id" {
  expect twice_shared_$f($even) ≡ Ok($expected)
  expect share_$f($odd) ≡ Error("$odd is not a multiple of $by")
}
""")
        return Unit(
            text.substitute(words, by=by, extra=extra, bound=BOUND, elsewhere=self.elsewhere(), even=good * by * by,
                            expected=good + extra, odd=good * by + 1),
            words["f"])

    def make_map(self):
        words, rng = self.words(), self.rng
        given = [rng.choice(NOUNS[:6]) for _ in range(rng.randint(4, 8))]
        text = Template("""
fn counted_$f(words: List[Text]) → Map[Text, Int] {
  var counts: Map[Text, Int] = [:]
  for word ∈ words {
    counts ≔ map.insert(counts, word, map.get_or(counts, word, 0) + 1)
  }
  counts
}

/// Letters in the words, those of a repeated word as often as it is there.
pub fn letters_$f(words: List[Text]) → Int {
  var total = 0
  for (word, count) ∈ map.entries(counted_$f(words)) {
    total += count × text.length(word)
  }
  total
}

pub fn $f(n: Int) → Int {
  let words = ["$noun", "$verb", "$noun {n % 10}"]
  (letters_$f(words) + $elsewhere) % $bound
}

test "$adjective $noun $id" {
  let words = [$given]
  expect map.size(counted_$f(words)) ≡ $distinct
  expect letters_$f(words) ≡ $letters
}
""")
        return Unit(
            text.substitute(words, given=", ".join(f'"{word}"' for word in given), bound=BOUND,
                            elsewhere=self.elsewhere(), distinct=len(set(given)), letters=len("".join(given))),
            words["f"])

    def make_list_patterns(self):
        words, given = self.words(), self.numbers(3, 7)
        text = Template("""
/// The numbers in pairs, with signs that change from pair to pair.
pub fn alternate_$f(xs: List[Int], sign: Int) → Int {
  match xs {
    [] → 0
    [only] → sign × only
    [left, right, ..rest] → sign × (left - right) + alternate_$f(rest, -sign)
  }
}

fn reversed_$f(xs: List[a], done: List[a]) → List[a] {
  match xs {
    [] → done
    [head, ..rest] → reversed_$f(rest, [head, ..done])
  }
}

pub fn $f(n: Int) → Int {
  let xs = reversed_$f([n, $listed], [])
  (alternate_$f(xs, 1) + $elsewhere) % $bound
}

test "$adjective $noun $id" {
  expect alternate_$f([$listed], 1) ≡ $expected
  expect reversed_$f([$listed], []) ≡ [$reversed]
}
""")

        def alternate(xs, sign):
            if len(xs) < 2:
                return sign * sum(xs)
            return sign * (xs[0] - xs[1]) + alternate(xs[2:], -sign)

        return Unit(
            text.substitute(words, listed=", ".join(map(str, given)), bound=BOUND, elsewhere=self.elsewhere(),
                            expected=alternate(given, 1), reversed=", ".join(map(str, reversed(given)))),
            words["f"])

    def make_int_patterns(self):
        words, rng = self.words(), self.rng
        few, some = rng.randint(3, 9), rng.randint(30, 90)
        example = rng.randint(0, 120)
        text = Template("""
/// A word or two for an amount.
pub fn amount_$f(n: Int) → Text {
  match n {
    0 → "no $noun"
    1..=$few → "few"
    $round | $rounder → "a round number"
    exact @ $after..=$some if exact % 2 ≡ 0 → "{exact} of them"
    _ if n < 0 → "a debt of {-n}"
    _ → "many"
  }
}

pub fn $f(n: Int) → Int {
  let name = amount_$f(n % 150)
  let other = amount_$f($elsewhere)
  (text.length(name) × 3 + text.length(other)) % $bound
}

test "$adjective $noun $id" {
  expect amount_$f(-$few) ≡ "a debt of $few"
  expect amount_$f($example) ≡ "$expected"
}
""")
        round_, rounder = some + 10, some + 20
        if example == 0:
            expected = f"no {words['noun']}"
        elif example <= few:
            expected = "few"
        elif example in (round_, rounder):
            expected = "a round number"
        elif example <= some and example % 2 == 0:
            expected = f"{example} of them"
        else:
            expected = "many"
        return Unit(
            text.substitute(words, few=few, after=few + 1, some=some, round=round_, rounder=rounder, bound=BOUND,
                            elsewhere=self.elsewhere(), example=example, expected=expected),
            words["f"])

    def make_grid(self):
        words, rng = self.words(), self.rng
        width, height = rng.randint(2, 6), rng.randint(2, 6)
        cell = self.expression(["x", "y"])
        text = Template("""
let width_$f = $width

fn grid_$f(height: Int) → List[List[Int]] {
  var grid = list.repeat(list.repeat(0, width_$f), height)
  for y ∈ 0..height {
    for x ∈ 0..width_$f {
      grid[y][x] ≔ $cell
    }
  }
  grid
}

/// All cells together, the last row twice.
pub fn sum_$f(height: Int) → Int {
  var total = 0
  let grid = grid_$f(height)
  for row ∈ grid {
    for cell ∈ row { total += cell }
  }
  for cell ∈ grid[height - 1] { total += cell }
  total
}

pub fn $f(n: Int) → Int = (sum_$f(n % 5 + 1) + $elsewhere) % $bound

test "$adjective $noun $id" {
  expect sum_$f($height) ≡ $expected
}
""")
        rows = [*range(height), height - 1]
        return Unit(
            text.substitute(words, width=width, height=height, cell=show(cell), bound=BOUND,
                            elsewhere=self.elsewhere(),
                            expected=sum(value(cell, {"x": x, "y": y}) for y in rows for x in range(width))),
            words["f"])

    def make_text(self):
        words, rng = self.words(), self.rng
        times, other = rng.randint(2, 5), rng.choice(NOUNS)
        text = Template("""
/// One line about a $noun.
pub fn line_$f(name: Text, n: Int) → Text {
  let kind = if n % 2 ≡ 0 { "$adjective" } else { "other" }
  "{kind} {name}: {n × $times} and {n + 1}"
}

fn joined_$f(names: List[Text]) → Text {
  var all_names = "$verb"
  for name ∈ names {
    if name ∉ ["", "$other"] { all_names ≔ all_names ++ " " ++ name }
  }
  all_names
}

pub fn $f(n: Int) → Int {
  let lines = ["$noun", "$other"] ▷ list.map(λ name → line_$f(name, n))
  let whole = text.join(lines, "; ") ++ joined_$f(lines)
  (text.length(whole) + $elsewhere) % $bound
}

test "$adjective $noun $id" {
  expect line_$f("$noun", 4) ≡ "$adjective $noun: $product and 5"
  expect joined_$f(["one", "$other", "two"]) ≡ "$verb one two"
}
""")
        return Unit(
            text.substitute(words, times=times, other=other, product=4 * times, bound=BOUND,
                            elsewhere=self.elsewhere()),
            words["f"])

    def make_functions(self):
        words, rng = self.words(), self.rng
        by, start, change = rng.randint(1, 30), rng.randint(1, 30), self.expression(["x"])
        text = Template("""
/// A function that adds.
fn adder_$f(by: Int) → fn(Int) → Int = λ n → n + by

/// Does the same thing twice.
pub fn repeat_$f(change: fn(a) → a, start: a) → a = change(change(start))

fn both_$f(f: fn(a) → b, g: fn(b) → c) → fn(a) → c = λ x → g(f(x))

pub fn $f(n: Int) → Int {
  let add = adder_$f($by)
  let through = both_$f(add, λ x → "{x}")
  let marked = repeat_$f(λ word → word ++ "!", through(n))
  (repeat_$f(λ x → $change, n % 40) + text.length(marked) + $elsewhere) % $bound
}

test "$adjective $noun $id" {
  expect repeat_$f(adder_$f($by), $start) ≡ $expected
  expect repeat_$f(λ x → $change, $start) ≡ $changed
}
""")
        once = value(change, {"x": start})
        return Unit(
            text.substitute(words, by=by, start=start, change=show(change), bound=BOUND, elsewhere=self.elsewhere(),
                            expected=start + 2 * by, changed=value(change, {"x": once})),
            words["f"], [("twice", f"repeat_{words['f']}")])

    def make_tuples(self):
        words, given = self.words(), self.numbers(3, 8)
        text = Template("""
/// The least and the largest of the numbers, and how many there are.
pub fn range_$f(xs: List[Int]) → (Int, Int, Int) {
  var least = $big
  var most = -$big
  var count = 0
  for x ∈ xs {
    least ≔ min(least, x)
    most ≔ max(most, x)
    count += 1
  }
  (least, most, count)
}

fn swapped_$f(pair: (a, b)) → (b, a) {
  let (left, right) = pair
  (right, left)
}

pub fn $f(n: Int) → Int {
  let (least, most, count) = range_$f([n, $first, $elsewhere])
  let (flag, size) = swapped_$f((most - least, n > $first))
  if flag { size % $bound } else { (size + count) % $bound }
}

test "$adjective $noun $id" {
  expect range_$f($given) ≡ ($least, $most, $count)
  expect swapped_$f((1, "$noun")) ≡ ("$noun", 1)
}
""")
        return Unit(
            text.substitute(words, big=10**6, given=given, first=given[0], least=min(given), most=max(given),
                            count=len(given), bound=BOUND, elsewhere=self.elsewhere()),
            words["f"])

    def make_floats(self):
        words, rng = self.words(), self.rng
        root = rng.randint(2, 12)
        text = Template("""
/// A square root by repeated halving of the error.
pub fn root_$f(x: Float) → Float {
  var guess = x
  for _ ∈ 0..40 {
    guess ≔ (guess + x ÷ guess) ÷ 2.0
  }
  guess
}

fn near_$f(x: Float, y: Float) → Bool {
  let apart = if x > y { x - y } else { y - x }
  apart < 0.000001
}

pub fn $f(n: Int) → Int {
  let x = int.to_float(n % 100 + 1)
  let root = root_$f(x)
  let exact = near_$f(root × root, x) ∧ ¬near_$f(x, -1.0)
  if exact ∨ root < 0.5 { $elsewhere % $bound } else { $root }
}

test "$adjective $noun $id" {
  expect near_$f(root_$f($square.0), $root.0)
}
""")
        return Unit(
            text.substitute(words, root=root, square=root * root, bound=BOUND, elsewhere=self.elsewhere()),
            words["f"])

    def make_machine(self):
        words, rng = self.words(), self.rng
        names = [f"{name.title()}{self.count}" for name in rng.sample(ADJECTIVES, rng.randint(3, 7))]
        following = [rng.randrange(len(names)) for _ in names]
        worth = [rng.randint(0, 9) for _ in names]
        rounds = rng.randint(3, 12)
        at, total = 0, 0
        for _ in range(rounds):
            total += worth[at]
            at = following[at]
        text = Template("""
/// The moods of a $noun.
type $T {
$variants
}

fn after_$f(mood: $T) → $T {
  match mood {
$after
  }
}

fn worth_$f(mood: $T) → Int {
  match mood {
$worth
  }
}

/// What the moods add up to in so many rounds.
pub fn rounds_$f(rounds: Int) → Int {
  var mood = $start
  var total = 0
  for _ ∈ 0..rounds {
    total += worth_$f(mood)
    mood ≔ after_$f(mood)
  }
  total
}

pub fn $f(n: Int) → Int = (rounds_$f(n % 20) + $elsewhere) % $bound

test "$adjective $noun $id" {
  expect rounds_$f($rounds) ≡ $expected
}
""")
        return Unit(
            text.substitute(
                words, variants="\n".join(f"  {name}" for name in names), start=names[0],
                after="\n".join(f"    {name} → {names[to]}" for name, to in zip(names, following)),
                worth="\n".join(f"    {name} → {points}" for name, points in zip(names, worth)),
                rounds=rounds, expected=total, bound=BOUND, elsewhere=self.elsewhere()),
            words["f"])

    def make_stack_machine(self):
        words, rng = self.words(), self.rng
        stack, program = [], []
        for _ in range(rng.randint(4, 9)):
            step = rng.choice(["Push", "Push", "Plus", "Twice", "Swap"])
            if step == "Push":
                pushed = rng.randint(1, 50)
                program.append(f"Push{self.count}({pushed})")
                stack.insert(0, pushed)
                continue
            program.append(f"{step}{self.count}")
            if step == "Plus" and len(stack) >= 2:
                stack[:2] = [stack[0] + stack[1]]
            elif step == "Twice" and stack:
                stack[0] *= 2
            elif step == "Swap" and len(stack) >= 2:
                stack[:2] = stack[1::-1]
        text = Template("""
/// What the machine in the $noun can do.
type $T {
  Push$id(Int)
  Plus$id
  Twice$id
  Swap$id
}

fn step_$f(stack: List[Int], op: $T) → List[Int] {
  match (op, stack) {
    (Push$id(n), _) → [n, ..stack]
    (Plus$id, [x, y, ..rest]) → [x + y, ..rest]
    (Twice$id, [x, ..rest]) → [x × 2, ..rest]
    (Swap$id, [x, y, ..rest]) → [y, x, ..rest]
    _ → stack
  }
}

fn result_$f(program: List[$T]) → List[Int] =
  program ▷ list.fold([], λ stack op → step_$f(stack, op))

pub fn $f(n: Int) → Int {
  let stack = result_$f([Push$id(n), Twice$id, Push$id($elsewhere), Swap$id, Plus$id])
  list.sum(stack) % $bound
}

test "$adjective $noun $id" {
  expect result_$f([$program]) ≡ $stack
}
""")
        return Unit(
            text.substitute(words, program=", ".join(program), stack=stack, bound=BOUND, elsewhere=self.elsewhere()),
            words["f"])


# ---------------------------------------------------------------- the project


def module(rng, number, lines, earlier):
    """The lines of one module, and what it offers to later ones."""
    imported = sorted(rng.sample(earlier, min(len(earlier), rng.randint(1, 4))))
    maker = Maker(rng, imported)
    units = [maker.unit()]

    def length():
        return 6 + len(imported) + sum(len(unit.lines) + 2 for unit in units)

    while True:
        unit = maker.unit()
        units.append(unit)
        if length() > lines:
            if length() - lines > lines - (length() - len(unit.lines) - 2):
                units.pop()
            break
    body = []
    for unit in units:
        body += [*unit.lines, ""]
    used = [name for name, _ in imported if any(f"{name}." in line for line in body)]
    head = [f"// Part {number} of a made-up project."]
    head += [f"import {name}" for name in used]
    run = ["/// Everything in this module, once.", "pub fn run(seed: Int) → Int {", "  var total = 0"]
    run += [f"  total += {unit.entry}(seed + {at})" for at, unit in enumerate(units)]
    run += [f"  total % {BOUND}", "}"]
    offers = [("entry", unit.entry) for unit in units] + [offer for unit in units for offer in unit.offers]
    return [*head, "", *body, *run], offers


def project(lines, modules, seed):
    """Every file of the project: path below the folder, and text."""
    rng = random.Random(f"{seed} {lines} {modules}")
    names = [f"m{number:03}" for number in range(modules)]
    main = ["// A made-up project: it calls all its modules.", *(f"import {name}" for name in names), ""]
    main += ["fn main() {", "  var total = 0"]
    main += [f"  total += {name}.run({number % 100})" for number, name in enumerate(names)]
    main += ['  print("total {total}")', "}"]
    yield "codex.toml", 'name = "generated"\n'
    yield "src/main.glyph", "\n".join(main) + "\n"
    left = lines - len(main)
    earlier = []
    for number, name in enumerate(names):
        # The goal is taken anew for each module, so that what one has too much the next has less.
        text, offers = module(rng, number, left / (modules - number), earlier)
        left -= len(text)
        earlier.append((name, offers))
        yield f"src/{name}.glyph", "\n".join(text) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lines", type=int, metavar="N_LINES", help="of glyph in all, about")
    parser.add_argument("modules", type=int, metavar="N_MODULES")
    parser.add_argument("out", type=Path, metavar="OUTDIR", help="made anew; must not exist or be such a project")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    chosen = parser.parse_args()
    if chosen.modules < 1 or chosen.lines < 1:
        parser.error("N_LINES and N_MODULES must be 1 or more")
    if chosen.out.exists():
        manifest = chosen.out / "codex.toml"
        if any(chosen.out.iterdir()) and not (manifest.exists() and 'name = "generated"' in manifest.read_text()):
            parser.error(f"{chosen.out} holds something else; name a new folder")
        shutil.rmtree(chosen.out / "src", ignore_errors=True)
    (chosen.out / "src").mkdir(parents=True, exist_ok=True)
    total = 0
    for path, text in project(chosen.lines, chosen.modules, chosen.seed):
        (chosen.out / path).write_text(text, encoding="utf-8")
        total += text.count("\n") if path.endswith(".glyph") else 0
    print(f"{total} lines in {chosen.modules + 1} files below {chosen.out}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
