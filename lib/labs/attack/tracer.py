"""An attack is watched: which pictures it asks about, and what is read in them and all around."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lib.attacks.gradient import BIM, FGSM, MIFGSM, PGD
from lib.attacks.harness import log_odds, run_attack
from lib.attacks.minimal.decoupled import DDN
from lib.attacks.minimal.deepfool import DeepFool
from lib.attacks.minimal.hop_skip_jump import HopSkipJump
from lib.attacks.minimal.search import nearest
from lib.attacks.watched import Watched
from lib.labs.attack.plane import around, directions, drawn
from lib.labs.attack.reader import first_read
from lib.labs.attack.tracing import ANY, BUDGETED, DRAWN, Path
from lib.programs.digit_reader import DigitReader

if TYPE_CHECKING:
    import torch
    from torch import nn

    from lib.tasks.digits import Digits

SMALL = {"steps": 20, "stride": 1.0}  # steps so small that one sees where they go
STEPS, QUERIES = 40, 240  # of those that look for the nearest, DDN's and HopSkipJump's
AT_ONCE = 1024  # pictures
PLANE, CONTROL = 7, 8  # streams of the seed


def made(lab: Any) -> Any:
    """The attack that a recipe, lib.labs.attack.path.AttackPath, names."""
    how: dict[str, Any] = {"targeted": lab.target != ANY}
    if lab.attack in BUDGETED:
        kind = {"fgsm": FGSM, "bim": BIM, "momentum": MIFGSM, "pgd": PGD}[lab.attack]
        return kind(lab.eps, lab.norm, **how, **SMALL if lab.attack in ("bim", "momentum") else {})
    if lab.attack == "ddn":
        return DDN(steps=STEPS, **how)
    return DeepFool(lab.norm, **how) if lab.attack == "deepfool" else HopSkipJump(lab.norm, queries=QUERIES, **how)  # type: ignore[arg-type]


def begun(lab: Any, module: nn.Module, task: Digits) -> tuple[torch.Tensor, int]:
    """The picture (1, 1, 8, 8) that is attacked, and what it is to be read as no more."""
    import torch

    if lab.photo is not None:
        x = torch.tensor(np.array(lab.photo.picture, np.float32))[None, None]
        return x, int(told(module, x)[0].argmax())
    rows = task.test
    pictures, labels = torch.as_tensor(task.pictures(rows)), task.truth(rows)
    at = first_read(told(module, pictures).argmax(1), labels)[lab.digit]
    return pictures[at : at + 1], int(labels[at])


def told(module: nn.Module, pictures: torch.Tensor) -> np.ndarray:
    """(n, 10) the network's confidence in each digit."""
    import torch

    with torch.no_grad():
        return torch.cat([module(some).double().softmax(1) for some in pictures.split(AT_ONCE)]).numpy()


def walked(lab: Any, module: nn.Module, x: torch.Tensor, label: int) -> tuple[np.ndarray, np.ndarray | None]:
    """All pictures (t, 8, 8) that an attack on one has asked about, and the one it hands over, if that deceives."""
    import torch

    watched, attack, rng = Watched(module), made(lab), torch.Generator().manual_seed(lab.seed)
    aim = torch.tensor([label if lab.target == ANY else lab.target])
    if lab.attack in BUDGETED:
        done = run_attack(attack, watched, x, aim, lab.seed)
        fell = bool(done.success[0])
    else:
        done = nearest(attack, watched, x, aim, rng)
        fell = bool(done.distance[0].isfinite())
    return watched.path[:, 0].double().numpy(), done.pictures[0, 0].double().numpy() if fell else None


def traced(lab: Any, module: nn.Module, x: torch.Tensor, label: int) -> Path:
    """The attack on one picture (1, 1, 8, 8), and the planes that its path is drawn in."""
    import torch

    program = DigitReader()
    frames, best = walked(lab, module, x, label)
    sure, fits = told(module, torch.tensor(frames[:, None], dtype=torch.float32)), program.scores(frames)
    changes = (frames - frames[0]).reshape(-1, 64)
    sizes = np.abs(changes).max(1) if lab.norm == "linf" else np.linalg.norm(changes, axis=1)
    found = -1 if best is None else int((frames == best).all((1, 2)).argmax())
    read = sure.argmax(1)
    deceives = read == lab.target if lab.target != ANY else read != label
    goes = nearer(sizes, deceives) if lab.attack == "hop_skip_jump" else np.ones(len(frames), bool)
    radius = lab.eps if lab.attack in BUDGETED else float(sizes[found]) if found >= 0 else 0.0

    def ask(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        sure = told(module, torch.tensor(pictures[:, None], dtype=torch.float32))
        return sure.argmax(1), sure.max(1), program(pictures)

    slope = steepest(module, x, label).reshape(64)
    across = directions(changes[goes], changes[found], slope, np.random.default_rng([lab.seed, PLANE]))
    planes = [
        drawn(name, ways, frames[0], changes, goes, around(frames[0], ways, radius, lab.norm), ask)
        for name, ways in across.items()
    ]
    noise = np.random.default_rng([lab.seed, CONTROL])
    misread = ask(random_changes(frames[0], float(sizes[found]), lab.norm, noise))[0]
    loss = -np.log(sure[:, label].clip(1e-30))
    size, deceived = float(sizes[found]), misread == lab.target if lab.target != ANY else misread != label
    frames, sure, fits, loss = (one.astype(np.float32) for one in (frames, sure, fits, loss))
    return Path(
        label, lab.target, frames, sure, fits, loss, goes, found, size, radius, float(deceived.mean()), tuple(planes)
    )


def random_changes(clean: np.ndarray, size: float, norm: str, rng: np.random.Generator) -> np.ndarray:
    """(DRAWN, 8, 8) a picture with random changes as large as an attack's: all pixels by that much, or that long."""
    noise = rng.normal(size=(DRAWN, *clean.shape))
    noise = np.sign(noise) if norm == "linf" else noise / np.linalg.norm(noise, axis=(1, 2), keepdims=True)
    return (clean + size * noise).clip(0, 1)


def nearer(sizes: np.ndarray, deceives: np.ndarray) -> np.ndarray:
    """(t,) where what deceives is nearer than all that did before, and the beginning."""
    far = np.where(deceives, sizes, np.inf)
    best = np.concatenate([[np.inf], np.minimum.accumulate(far)[:-1]])
    goes = deceives & (far < best)
    goes[0] = True
    return goes


def steepest(module: nn.Module, x: torch.Tensor, label: int) -> np.ndarray:
    """(8, 8) the direction in which the log-odds against the label rise most, at the untouched picture."""
    import torch

    at = x.clone().requires_grad_()
    (slope,) = torch.autograd.grad(log_odds(module(at), torch.tensor([label]), False).sum(), at)
    return slope[0, 0].double().numpy()
