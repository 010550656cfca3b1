"""Moonshot as a gymnasium.Env: gymnasium's own checks, and every launch counted."""

from __future__ import annotations

import numpy as np
import pytest

gymnasium = pytest.importorskip("gymnasium")

from gymnasium.utils.env_checker import check_env  # noqa: E402

from lib.environments.moonshot import MoonshotEnv  # noqa: E402
from lib.labs.moonshot.lab import Moonshot  # noqa: E402


def test_it_passes_gymnasiums_checks() -> None:
    check_env(MoonshotEnv(), skip_render_check=True)


def test_every_step_is_a_trial_that_no_reset_forgets() -> None:
    env = MoonshotEnv(Moonshot(seed=3), world=2)
    for step in range(1, 4):
        env.reset(seed=0)
        _, _, over, cut, _ = env.step(np.zeros(2, np.float32))
        assert (over, cut, env.trials) == (True, False, step)


def test_the_same_action_in_the_same_world_has_the_same_reward_and_in_another_world_another() -> None:
    action = np.array([-0.3, 0.26], np.float32)
    first, again, other = (MoonshotEnv(world=world).step(action)[1] for world in (0, 0, 1))
    assert first == again != other
    assert first < 0


def test_an_action_out_of_bounds_is_flown_as_the_nearest() -> None:
    out, edge = (MoonshotEnv().step(np.array(action))[1] for action in ([5.0, 0.3], [1.0, 0.3]))
    assert out == edge
