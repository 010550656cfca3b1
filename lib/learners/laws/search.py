"""A search for the law behind samples: short formulas of one quantity, tried by the million.

It sees what a network sees and no more. Formulas are built of x, 1, 2, FUNCTIONS and + - × ÷ (lib.learners.laws.rows);
on their values it tries sums of one, two and three terms, weights and all, by least squares in closed form. Terms are
the formulas f(x) themselves, f(c x) and f(x - c), and waves e^(cx) sin(dx) that grow or fade; c and d come from a grid,
and the best of each kind are fitted until they stand (lib.learners.laws.fits).

What is best is the shortest description of the samples (Rissanen 1978, Automatica 14:465): n ln(what is left), the
logarithm of how many signs there are for each sign of the formula, and half a ln n for each number of more than two
digits. How much noise there is, is not told.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from lib import formulas
from lib.core import Snapshot, Task
from lib.formulas import Call, Name, Number, Pair, Tree, X
from lib.learners.examples import training_set
from lib.learners.laws.fits import Sum, best_of, fitted, rounded, short
from lib.learners.laws.rows import Known, Rows

FUNCTIONS = ("sin", "cos", "exp", "log", "sqrt", "abs", "sign", "tanh", "square")

SHOWN, FITTED = 48, 400  # samples that terms are tried on, and that numbers are fitted to
FLOOR = 1e-7  # a smaller error, in spreads of y, is none
SIGN = math.log(len(FUNCTIONS) + 7)  # nats: x, a number, four signs and the power

SIZES = 6  # of formulas that are enumerated
INNER, TERM, SECOND = 4, 3, 4  # largest formulas with a number inside; in sums, the first and the second
WAVES = np.arange(1, 65) / 2  # c, times the half-width of the samples
GROWTHS = np.array([-4, -2, -1, -0.5, -0.25, 0, 0.25, 0.5, 1, 2, 4])
SHIFTS = np.linspace(-1.5, 1.5, 31)  # in half-widths from the middle
TOP, FORMS, STARTS = 600, 24, 4  # of each kind: the best by the grid, those of them that are fitted, starts of each
BASES = 24  # sums that a third term is added to
ROWS = 512  # at a time

NAME = Name("c")
STAGES = SIZES + 4


@dataclass(frozen=True)
class Law:
    """A formula that was found: its error as a share of the spread of y, and how many nats describe the samples."""

    tree: Tree
    error: float
    score: float

    @property
    def size(self) -> int:
        return formulas.size(self.tree)


@dataclass(frozen=True)
class Found:
    """Where a search stands.

    front: the best law of each size, ascending, each better than all smaller ones. tried: formulas so far, each with
    its own numbers. Answers (n, 1) questions with (seeds, n), the same for every seed; no number where the best law has
    no value.
    """

    front: tuple[Law, ...]
    tried: int
    seeds: int

    @property
    def best(self) -> Law:
        """The law of the shortest description."""
        return min(self.front, key=lambda law: law.score)

    @property
    def parameters(self) -> int:
        """Numbers in the best law."""
        return sum(isinstance(part, Number) for part in formulas.parts(self.best.tree))

    def __call__(self, x: np.ndarray) -> np.ndarray:
        there = np.asarray(x, float)[:, 0]
        told = np.broadcast_to(formulas.many(self.best.tree, {"x": there}), there.shape)
        return np.tile(told, (self.seeds, 1))


@dataclass(frozen=True)
class LawSearch:
    """Looks for a formula y = f(x) of one quantity.

    examples, noise: as for MLP; an rng of the same state gives both the same. It looks at 400 of them at most.
    forbidden: those of FUNCTIONS that it does without. Has no randomness of its own. Raises ValueError for a function
    that it does not know.
    """

    examples: int = 30
    noise: float = 0.0
    forbidden: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if wrong := set(self.forbidden) - set(FUNCTIONS):
            raise ValueError(f"forbidden: got {min(wrong)!r}, choose of {', '.join(FUNCTIONS)}")

    def fit(self, task: Task, seeds: int, rng: np.random.Generator) -> Iterator[Snapshot]:
        """A snapshot after every size and every kind of sum; its loss is the best law's mean square, in spreads."""
        x, y = training_set(task, self.examples, self.noise, rng)
        search = Search(x[:, 0], y, tuple(name for name in FUNCTIONS if name not in self.forbidden))
        for step, _ in enumerate(search.run(), 1):
            now = Found(search.front, search.tried, seeds)
            yield Snapshot(step, STAGES, (now.best.error**2,) * seeds, now)


class Forms(Protocol):
    """Formulas by number; those of rows are made when they are asked for."""

    def __len__(self) -> int: ...
    def __getitem__(self, place: int, /) -> Tree: ...


@dataclass(frozen=True)
class OfRows:
    """The formulas of some rows."""

    rows: Rows
    places: np.ndarray

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, place: int, /) -> Tree:
        return self.rows.tree(int(self.places[place]))


@dataclass(frozen=True)
class Terms:
    """What sums are made of. values: (terms, n); each is a form, a formula of x and maybe c, and the c it has here."""

    values: np.ndarray
    forms: Forms
    form: np.ndarray
    inner: np.ndarray
    signs: np.ndarray

    def __len__(self) -> int:
        return len(self.form)

    def part(self, some: np.ndarray) -> Terms:
        return Terms(self.values[some], self.forms, self.form[some], self.inner[some], self.signs[some])

    def and_(self, other: Terms) -> Terms:
        return Terms(
            np.concatenate([self.values, other.values]),
            [forms[place] for forms in (self.forms, other.forms) for place in range(len(forms))],
            np.concatenate([self.form, other.form + len(self.forms)]),
            np.concatenate([self.inner, other.inner]),
            np.concatenate([self.signs, other.signs]),
        )

    def summand(self, place: int, name: str) -> tuple[Tree, dict[str, float]]:
        """One term with its number inside called by a name, and what that is."""
        form, inner = self.forms[int(self.form[place])], float(self.inner[place])
        if math.isnan(inner):
            return form, {}
        return formulas.put(form, {NAME.name: Name(name)}), {name: inner}


Candidate = tuple[tuple[Tree, ...], dict[str, float]]
"""Terms of a sum, and what the names inside begin with."""


class Search:
    """One search through samples x (n,), y (n,): run() yields after each stage, `front` and `tried` say what is."""

    def __init__(self, x: np.ndarray, y: np.ndarray, functions: Sequence[str]) -> None:
        different = np.sort(np.unique(np.column_stack([x, y]), axis=0, return_index=True)[1])  # a repeated one is none
        self.x, self.y = x[different[:FITTED]], y[different[:FITTED]]
        self.few, self.seen = self.x[:SHOWN], self.y[:SHOWN]
        self.functions = functions
        self.middle, self.half = (x.max() + x.min()) / 2, (x.max() - x.min()) / 2 or 1.0
        self.spread = float(self.y.std()) or float(np.abs(self.y).max()) or 1.0
        self.tried = 0
        self.laws: dict[int, Law] = {}
        self.rows = Rows(self.few, functions)
        self.done: set[tuple[Tree, ...]] = set()

    @property
    def front(self) -> tuple[Law, ...]:
        front: list[Law] = []
        for _, law in sorted(self.laws.items()):
            if not front or law.error < front[-1].error * (1 - 1e-9):
                front.append(law)
        return tuple(front)

    def run(self) -> Iterator[None]:
        self.offer(Sum(()), np.zeros((1, 0)))
        for size in range(1, SIZES + 1):
            if size > 1:
                self.rows.grow(size)
            self.fit_single(self.plain(size, size))
            yield
        inner = self.with_number_inside()
        singles = self.fit_single(inner)
        yield
        second = self.plain(1, SECOND)
        short_ones = inner.part(np.flatnonzero(inner.signs <= 2 * TERM + 1))
        first = self.plain(1, TERM).and_(short_ones)
        bases = self.fit_pairs(first, second) + singles
        yield
        bases = self.fit_waves() + bases
        yield
        self.fit_one_more(bases, first)
        yield

    # What sums are made of.

    def plain(self, low: int, high: int) -> Terms:
        """Formulas of these sizes without a number inside, but for those that are numbers alone."""
        sizes, values = self.rows.sizes, self.rows.values
        some = np.flatnonzero((low <= sizes) & (sizes <= high) & (np.ptp(values, axis=1) > 0))
        forms = OfRows(self.rows, some)
        return Terms(values[some], forms, np.arange(len(some)), np.full(len(some), np.nan), sizes[some])

    @np.errstate(all="ignore")
    def with_number_inside(self) -> Terms:
        """f(c x) for formulas up to INNER, f(x - c) for those up to TERM; one of those equal but for a + b f."""
        scaled, moved = Pair("*", NAME, X), Pair("-", X, NAME)
        waves = np.concatenate([WAVES, -WAVES]) / self.half
        shifts = self.middle + SHIFTS * self.half
        rows, forms, form, inner, signs = [], [], [], [], []
        known = Known()
        for u, numbers, most in ((scaled, waves, INNER), (moved, shifts, TERM)):
            for place in np.flatnonzero((self.rows.sizes > 1) & (self.rows.sizes <= most)):
                tree = formulas.put(self.rows.tree(int(place)), {"x": u})
                told = np.broadcast_to(
                    formulas.many(tree, {"x": self.few, NAME.name: numbers[:, None]}), (len(numbers), len(self.few))
                )
                self.tried += len(numbers)
                told, size = told - told.mean(1, keepdims=True), np.abs(told).max(1)
                long = np.linalg.norm(told, axis=1)
                good = np.flatnonzero((size < 1e8) & (long > 1e-6 * size))
                unit = told[good] / long[good, None]
                unit *= np.where(unit[:, :1] < 0, -1.0, 1.0)
                fresh = known.new(self.rows.keys(unit))
                if len(fresh):
                    rows.append(unit[fresh])
                    form.append(np.full(len(fresh), len(forms)))
                    inner.append(numbers[good[fresh]])
                    signs.append(np.full(len(fresh), formulas.size(tree)))
                    forms.append(tree)
        if not forms:
            return self.plain(1, 1)
        return Terms(np.concatenate(rows), forms, np.concatenate(form), np.concatenate(inner), np.concatenate(signs))

    # Kinds of sums.

    @np.errstate(all="ignore")
    def fit_single(self, terms: Terms) -> list[Candidate]:
        """b f, f, a + f, a + b f for every term."""
        y, n = self.seen, len(self.seen)
        self.tried += 4 * len(terms)
        f = terms.values
        own, cross = np.einsum("ij,ij->i", f, f), f @ y
        mean, level = f.mean(1), y.mean()
        centred = np.maximum(own - n * mean**2, 1e-300)
        left = [
            np.square(f - y).sum(1),
            y @ y - cross**2 / own,
            np.square(f - mean[:, None] - (y - level)).sum(1),
            np.square(y - level).sum() - (cross - n * mean * level) ** 2 / centred,
        ]
        scores = np.min(
            [self.score(one / n, terms.signs + more) for one, more in zip(left, (0, 2, 2, 4), strict=True)], 0
        )
        top = best_of(scores, TOP)
        return self.fit([self.candidate((terms, int(place))) for place in top])

    @np.errstate(all="ignore")
    def fit_pairs(self, first: Terms, second: Terms) -> list[Candidate]:
        """a + b f + c g for every f and g: in closed form, by the angles between the three (centred)."""
        y, n = unit(self.seen[None])[0], len(self.seen)
        total = np.square(self.seen - self.seen.mean()).sum() / n
        f, g = unit(first.values), unit(second.values)
        fy, gy = f @ y, g @ y
        self.tried += len(f) * len(g)
        floor = FLOOR**2 * self.spread**2 / total if total else 1.0
        # The smaller left · e^(2 signs SIGN / n), the smaller the score: no logarithm of millions.
        long, more = (np.exp(2 * SIGN / len(self.x) * one.signs) for one in (first, second))
        found: list[tuple[float, int, int]] = []
        for begin in range(0, len(f), ROWS):
            some = slice(begin, begin + ROWS)
            angle = f[some] @ g.T
            room = 1 - angle * angle
            left = 1 - (fy[some, None] * (fy[some, None] - 2 * gy * angle) + gy * gy) / room
            left = np.where(room > 1e-6, np.maximum(left, floor), np.inf)
            left *= long[some, None] * more
            places = best_of(left, TOP)
            found += [(float(left.flat[p]), begin + int(p) // len(g), int(p) % len(g)) for p in places]
        found.sort()
        return self.fit([self.candidate((first, one), (second, other)) for _, one, other in found[:TOP]])

    @np.errstate(all="ignore")
    def fit_waves(self) -> list[Candidate]:
        """a + e^(cx) (b sin dx + b' cos dx), and with e^(cx²), for all c and d of the grid."""
        if not {"sin", "cos", "exp"} <= set(self.functions):
            return []
        c, d = (one.ravel() for one in np.meshgrid(GROWTHS / self.half, WAVES / self.half, indexing="ij"))
        found: list[tuple[float, Candidate]] = []
        for power, grows in ((X, c), (Pair("^", X, Number(2.0)), c / self.half)):
            size = Call("exp", Pair("*", Name("c"), power))
            waves = [Pair("*", size, Call(name, Pair("*", Name("d"), X))) for name in ("sin", "cos")]
            for terms, names in ((waves, ("c", "d")), *((one, ("c", "d")) for one in ([waves[0]], [waves[1]]))):
                form, starts = Sum(tuple(terms), names), np.column_stack([grows, d])
                columns = form.columns(self.few, starts)
                self.tried += len(starts)
                basis, _ = np.linalg.qr(columns / np.linalg.norm(columns, axis=1, keepdims=True))
                left = np.square(self.seen - (basis @ (basis.swapaxes(1, 2) @ self.seen)[..., None])[..., 0]).mean(1)
                scores = self.score(left, sum(map(formulas.size, terms)) + 3 * len(terms))
                found += [
                    (float(scores[p]), (tuple(terms), {"c": float(grows[p]), "d": float(d[p])}))
                    for p in best_of(scores, 12)
                ]
        pure = [Call(name, Pair("*", Name("d"), X)) for name in ("sin", "cos")]
        found += [(score, (tuple(pure), {"d": inner["d"]})) for score, (_, inner) in found if inner["c"] == 0]
        found.sort(key=lambda one: one[0])
        return self.fit([candidate for _, candidate in found])

    @np.errstate(all="ignore")
    def fit_one_more(self, bases: list[Candidate], terms: Terms) -> None:
        """Every term added to the best sums so far: what it has that the sum lacks, against what is left of y."""
        y, n = self.seen, len(self.seen)
        found: list[tuple[float, Candidate]] = []
        whole = np.einsum("ij,ij->i", terms.values, terms.values)
        for forms, inner in bases[:BASES]:
            names = tuple(inner)
            columns = Sum(forms, names).columns(self.few, np.array([[inner[name] for name in names]]))[0]
            basis, _ = np.linalg.qr(columns / np.linalg.norm(columns, axis=0))
            rest = y - basis @ (basis.T @ y)
            self.tried += len(terms)
            room = whole - np.square(terms.values @ basis).sum(1)  # what a term has that the sum lacks
            left = np.where(room > 1e-6 * whole, rest @ rest - (terms.values @ rest) ** 2 / room, np.inf) / n
            signs = terms.signs + sum(map(formulas.size, forms)) + 3 * len(forms) + 4
            scores = self.score(left, signs)
            for place in best_of(scores, 24):
                form, more = terms.summand(int(place), f"c{len(names)}more")
                found.append((float(scores[place]), ((*forms, form), {**inner, **more})))
        found.sort(key=lambda one: one[0])
        self.fit([candidate for _, candidate in found])

    # From the grid to a law.

    def candidate(self, *terms: tuple[Terms, int]) -> Candidate:
        made = [some.summand(place, f"c{k}") for k, (some, place) in enumerate(terms)]
        return tuple(form for form, _ in made), {name: value for _, its in made for name, value in its.items()}

    @np.errstate(all="ignore")
    def score(self, squares: np.ndarray, signs: np.ndarray | int) -> np.ndarray:
        """Nats, but for the numbers: mean squares left and sizes -> the length of the description."""
        error = np.sqrt(np.maximum(squares, 0)) / self.spread
        return len(self.x) * np.log(np.maximum(np.where(np.isnan(error), np.inf, error), FLOOR)) + SIGN * signs

    def fit(self, candidates: list[Candidate]) -> list[Candidate]:
        """Fit the best, best first; what they have become, best first too."""
        starts: dict[tuple[Tree, ...], list[dict[str, float]]] = {}
        for forms, inner in candidates:
            if forms not in self.done and (forms in starts or len(starts) < FORMS):
                starts.setdefault(forms, []).append(inner)
        became = []
        for forms, some in starts.items():
            names = tuple(some[0])
            self.done.add(forms)
            begin = np.array([[one[name] for name in names] for one in some[:STARTS]])
            score, inner = self.offer(Sum(forms, names), begin)
            became.append((score, forms, dict(zip(names, inner, strict=True))))
        became.sort(key=lambda one: one[0])
        return [(forms, inner) for _, forms, inner in became]

    def offer(self, form: Sum, starts: np.ndarray) -> tuple[float, list[float]]:
        """Fit the numbers, make them short, keep the law if it is the best of its size: score, numbers inside."""
        weights, inner, squares = fitted(form, self.x, self.y, starts)
        self.tried += len(starts)
        place = int(np.argmin(squares))
        floor = (FLOOR * self.spread) ** 2
        weight, inside = rounded(form, self.x, self.y, weights[place], inner[place], floor, SIGN)
        tree = form.tree(weight, inside)
        told = np.broadcast_to(formulas.many(tree, {"x": self.x}), self.x.shape)
        square = float(np.mean((told - self.y) ** 2))
        if not math.isfinite(square):
            return math.inf, inside.tolist()
        long = sum(isinstance(part, Number) and not short(part.value) for part in formulas.parts(tree))
        error = max(math.sqrt(square) / self.spread, FLOOR)
        law = Law(
            tree, error, float(self.score(np.array(square), formulas.size(tree))) + long * math.log(len(self.x)) / 2
        )
        old = self.laws.get(law.size)
        if old is None or law.score < old.score:
            self.laws[law.size] = law
        return law.score, inside.tolist()


def unit(rows: np.ndarray) -> np.ndarray:
    """Centred, and of length 1; a row that never changes is 0."""
    rows = rows - rows.mean(1, keepdims=True)
    long = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, long, out=np.zeros_like(rows), where=long > 0)
