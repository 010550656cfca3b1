"""The numbers in sums w0 + w1 f(x; c) + …: w by least squares, c by damped Gauss-Newton steps, many at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lib import formulas
from lib.formulas import Name, Number, Pair, Tree, negative

STEPS = 16  # damped Gauss-Newton steps
STRIDE = 1e-6  # of differences, relative
NO_FIT = 1e140  # what is left where a sum has no value; its square is still a float


@dataclass(frozen=True)
class Sum:
    """Terms, formulas of x and of the names `inner`, that are weighed and added to a number."""

    terms: tuple[Tree, ...]
    inner: tuple[str, ...] = ()

    def columns(self, x: np.ndarray, inner: np.ndarray) -> np.ndarray:
        """(n,) and numbers inside (starts, inner) -> (starts, n, 1 + terms), the first column 1."""
        names = {"x": x, **{name: inner[:, k, None] for k, name in enumerate(self.inner)}}
        shape = len(inner), len(x)
        told = [np.broadcast_to(formulas.many(term, names), shape) for term in self.terms]
        return np.stack([np.ones(shape), *told], axis=-1)

    def tree(self, weights: np.ndarray, inner: np.ndarray) -> Tree:
        """The formula with its numbers: weights (1 + terms,), inner (inner,); without what is 0, 1 times or 1 of it."""
        put: Mapping[str, Tree] = {name: Number(float(v)) for name, v in zip(self.inner, inner, strict=True)}
        whole: Tree | None = None
        for weight, term in zip(weights[1:], self.terms, strict=True):
            plain = simple(formulas.put(term, put))
            if isinstance(plain, Number):
                plain = Number(plain.value * abs(float(weight)))
            elif abs(weight) != 1:
                plain = Pair("*", Number(abs(float(weight))), plain)
            if weight:
                whole = _added(whole, float(np.sign(weight)), plain)
        if weights[0] or whole is None:
            whole = _added(whole, float(np.sign(weights[0])) or 1.0, Number(abs(float(weights[0]))))
        return whole


def _added(whole: Tree | None, sign: float, part: Tree) -> Tree:
    if whole is None:
        if sign > 0:
            return part
        if isinstance(part, Pair) and part.sign == "*" and isinstance(part.left, Number):
            return Pair("*", Number(-part.left.value), part.right)
        return negative(part)
    return Pair("+" if sign > 0 else "-", whole, part)


def simple(tree: Tree) -> Tree:
    """The same without 1 x, -1 x, x - 0 and two numbers for one, x + 2 for x - -2, and pi by its name."""
    match tree:
        case Number(np.pi):
            return Name("pi")
        case formulas.Call(name, of):
            inner = simple(of)
            return negative(inner) if name == "-" else formulas.Call(name, inner)
        case Pair(sign, left, right):
            left, right = simple(left), simple(right)
            match sign, left, right:
                case "*", Number(1.0), _:
                    return right
                case "*", Number(-1.0), _:
                    return negative(right)
                case (("+" | "-"), _, Number(0.0)):
                    return left
                case "/", Pair("*", Number(value), rest), Number(part):
                    return simple(Pair("*", Number(value / part), rest))
                case "*", Pair("*", Number(value), rest), Number(part):
                    return simple(Pair("*", Number(value * part), rest))
                case "-", _, Number(value) if value < 0:
                    return Pair("+", left, Number(-value))
            return Pair(sign, left, right)
    return tree


@np.errstate(all="ignore")
def weighed(columns: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Least squares, many at once: columns (starts, n, k), y (n,).

    Returns weights (starts, k), what is left of y (starts, n), and the pseudoinverses (starts, k, n). What cannot be
    fitted has weights 0 and leaves NO_FIT.
    """
    good = np.isfinite(columns).all((1, 2)) & (np.abs(columns).max((1, 2)) < 1e12)
    columns = np.where(good[:, None, None], columns, 0.0)
    scale = np.linalg.norm(columns, axis=1, keepdims=True)
    scale = np.where(scale > 0, scale, 1.0)
    inverse = np.linalg.pinv(columns / scale, rcond=1e-10) / scale.swapaxes(1, 2)
    weights = inverse @ y
    left = y - (columns @ weights[..., None])[..., 0]
    return weights, np.where(good[:, None], left, NO_FIT), inverse


@np.errstate(all="ignore")
def fitted(form: Sum, x: np.ndarray, y: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fit all numbers of a sum from several starts (starts, inner): weights, inner, and mean squares left (starts,).

    Gauss-Newton on what is left after the weights are fitted (variable projection, Golub and Pereyra 1973, with
    Kaufman's Jacobian 1975), damped after Marquardt 1963; a step that does not help is taken back.
    """
    inner, damping = starts.astype(float), np.full(len(starts), 1e-3)
    columns = form.columns(x, inner)
    weights, left, inverse = weighed(columns, y)
    squares = np.mean(left**2, axis=1)
    for _ in range(STEPS if form.inner else 0):
        slopes = []
        for k in range(len(form.inner)):
            stride = np.zeros_like(inner)
            stride[:, k] = STRIDE * (1 + np.abs(inner[:, k]))
            change = form.columns(x, inner + stride) - form.columns(x, inner - stride)
            slope = (change @ weights[..., None])[..., 0] / (2 * stride[:, k, None])
            slopes.append(np.where(np.isfinite(slope), slope, 0.0))
        jacobian = np.stack(slopes, axis=-1)
        finite = np.where(np.isfinite(columns), columns, 0.0)
        jacobian = jacobian - finite @ (inverse @ jacobian)
        square = jacobian.swapaxes(1, 2) @ jacobian
        diagonal = np.einsum("skk->sk", square)
        square = square + (damping[:, None] * diagonal + 1e-30)[..., None] * np.eye(len(form.inner))
        pull = (jacobian.swapaxes(1, 2) @ np.where(left < NO_FIT, left, 0.0)[..., None])[..., 0]
        moved = inner + (np.linalg.pinv(square, hermitian=True) @ pull[..., None])[..., 0]
        there = form.columns(x, moved)
        better = weighed(there, y)
        now = np.mean(better[1] ** 2, axis=1)
        wins = now < squares
        damping = np.where(wins, damping / 10, damping * 10)
        inner = np.where(wins[:, None], moved, inner)
        columns = np.where(wins[:, None, None], there, columns)
        weights, left = (
            np.where(wins[:, None], one, old) for one, old in zip(better[:2], (weights, left), strict=True)
        )
        inverse = np.where(wins[:, None, None], better[2], inverse)
        squares = np.where(wins, now, squares)
        if not wins.any() and damping.min() > 1e3:
            break
    return weights, inner, squares


def significant(value: float, digits: int) -> float:
    """Rounded to so many digits."""
    return float(f"{value:.{digits - 1}e}")


def short(value: float) -> bool:
    """True for a number of one or two digits."""
    return significant(value, 2) == value


def rounded(
    form: Sum, x: np.ndarray, y: np.ndarray, weights: np.ndarray, inner: np.ndarray, floor: float, sign: float
) -> tuple[np.ndarray, np.ndarray]:
    """The same numbers made short wherever that shortens the description: weights (1 + terms,), inner (inner,).

    Numbers inside first, then the one that is added, then the weights; those left free are fitted anew each time.
    A number that goes altogether (0 is added, 1 times) saves two signs of `sign` nats, and one of two digits half a
    ln n. Mean squares below floor are all alike.
    """
    few = np.log(len(x)) / 2
    fixed: dict[int, float] = {}

    def refitted(inside: np.ndarray, held: Mapping[int, float]) -> tuple[np.ndarray, float]:
        columns = form.columns(x, inside[None])[0]
        free = [k for k in range(columns.shape[1]) if k not in held]
        told = np.array([held.get(k, 0.0) for k in range(columns.shape[1])])
        if free:
            told[free] = weighed(columns[None, :, free], y - columns @ told)[0][0]
        left = y - columns @ told
        return told, float(np.mean(left**2)) if np.isfinite(left).all() else NO_FIT**2

    inner = inner.copy()
    weights, square = refitted(inner, fixed)

    def worse(new: float) -> float:
        """Nats."""
        return len(x) / 2 * float(np.log(max(new, floor) / max(square, floor)))

    for k in range(len(inner)):
        for value, saved in ((1.0, few + 2 * sign), (np.pi, few), *shorter(inner[k], few)):
            tried = np.where(np.arange(len(inner)) == k, value, inner)
            told, now = refitted(tried, fixed)
            if worse(now) < saved:
                inner, weights, square = tried, told, now
                break
    for k in range(len(weights)):
        gone = (0.0,) if k == 0 else (1.0, -1.0)
        for value, saved in (*((one, few + 2 * sign) for one in gone), *shorter(weights[k], few)):
            told, now = refitted(inner, {**fixed, k: value})
            if worse(now) < saved:
                fixed[k], weights, square = value, told, now
                break
    return weights, inner


def shorter(value: float, saved: float) -> tuple[tuple[float, float], ...]:
    """The number in one digit and in two, and what that saves."""
    return (significant(value, 1), saved), (significant(value, 2), saved)


def best_of(scores: np.ndarray, count: int) -> np.ndarray:
    """Places of the smallest scores, ascending; what is no number comes last."""
    scores = np.where(np.isnan(scores), np.inf, scores).ravel()
    some = np.argpartition(scores, count)[:count] if len(scores) > count else np.arange(len(scores))
    return some[np.argsort(scores[some], kind="stable")]
