"""Moonshot's real world for agents of your own: a gymnasium.Env of one decision. Needs `pip install gymnasium`.

    env = MoonshotEnv()                  # the world of Moonshot(), first seed
    env.reset(); env.step(action)        # one launch; env.trials counts them

The app itself does not import this. Interface: M. Towers and others, Gymnasium, 2024, arXiv 2407.17032.
"""

from __future__ import annotations

import reprlib
from typing import Any

import gymnasium
import numpy as np

from lib.labs.moonshot.lab import Moonshot
from lib.tasks.moonshot.trials import Attempt, play


class MoonshotEnv(gymnasium.Env[np.ndarray, np.ndarray]):
    """An environment whose episode is one launch, counted in `trials` and never forgotten, whatever is reset.

    action: (2,) speed and phase, -1 to 1 over the box in which launches are worth a try.
    observation: (1,) the altitude asked for, as a share of 1,000 km. It never changes.
    reward: -ln(1 + miss / within), above -0.69 for a hit. info: altitude [km], day, hit.
    lab, world: whose real world it is, and which of its seeds.
    Raises ValueError for an action outside its space, options or a world that is not there, and gymnasium's ResetNeeded
    for a step without an episode; nothing is launched then, and nothing counted.
    """

    metadata = {"render_modes": []}  # noqa: RUF012 - gymnasium's own type

    def __init__(self, lab: Moonshot | None = None, world: int = 0) -> None:
        lab = lab or Moonshot()
        worlds = lab.model_errors()
        if isinstance(world, bool) or world not in range(len(worlds)):
            raise ValueError(f"world: got {world!r}, choose one of the lab's seeds, 0 to {len(worlds) - 1}")
        task = lab.asks()
        at = task.axis.exam[0]
        self.observation_space = gymnasium.spaces.Box(0.0, 10.0, (1,), np.float32)
        self.action_space = gymnasium.spaces.Box(-1.0, 1.0, (2,), np.float32)
        self._hand = Hand(task.world(at).box)
        self._attempt = Attempt(
            self._hand, task.world(at), worlds[world], task.wanted(at), lab.within, 10**9, patient=True
        )
        self._under_way = False

    @property
    def trials(self) -> int:
        """Launches so far."""
        return self._attempt.trials

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        if options:
            raise ValueError(f"options: got {options!r}, which this environment has none of; leave them away")
        super().reset(seed=seed)
        self._under_way = True
        return self._seen(), {}

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        if not self._under_way:
            raise gymnasium.error.ResetNeeded("step: got an action while no episode is under way; call reset() first")
        self._hand.aim(self._checked(action))
        self._under_way = False
        for _ in play([self._attempt]):
            pass
        altitude, day, _, _ = self._hand.heard.tolist()
        miss = abs(altitude - self._attempt.wanted)
        hit = miss <= self._attempt.within
        told = {"altitude": altitude, "day": day, "hit": hit}
        return self._seen(), -float(np.log1p(miss / self._attempt.within)), True, False, told

    def _checked(self, action: Any) -> np.ndarray:
        """The action as it came, if the action space has it."""
        space = self.action_space
        try:
            told = np.asarray(action)
            with np.errstate(over="ignore"):  # what is beyond float32 is beyond the space too
                fits = np.can_cast(told.dtype, np.float32, "same_kind") and space.contains(told.astype(np.float32))
        except (ValueError, TypeError):  # rows of several lengths
            fits = False
        if not fits:
            got = reprlib.repr(np.asarray(action, object).tolist())
            raise ValueError(f"action: got {got}, choose two finite numbers from -1 to 1, speed and phase")
        return np.asarray(action, float)

    def _seen(self) -> np.ndarray:
        return np.array([self._attempt.wanted / 1000], np.float32)


class Hand:
    """A player that asks for one launch, the action's, and keeps what it is told of it."""

    def __init__(self, box: np.ndarray) -> None:
        self.box, self.next, self.heard = box, np.zeros((0, 2)), np.zeros(4)

    def aim(self, action: np.ndarray) -> None:
        low, high = self.box
        self.next = (low + (np.clip(action, -1, 1) + 1) / 2 * (high - low))[None]

    def ask(self) -> np.ndarray:
        asked, self.next = self.next, np.zeros((0, 2))
        return asked

    def tell(self, burns: np.ndarray, told: np.ndarray) -> None:  # noqa: ARG002 - a player's two words
        self.heard = told[0]
