"""Moonshot as a gymnasium.Env: gymnasium's own checks, and every launch counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

gymnasium = pytest.importorskip("gymnasium")

from gymnasium.utils.env_checker import check_env  # noqa: E402

from lib.environments.moonshot import MoonshotEnv  # noqa: E402
from lib.labs.moonshot.lab import Moonshot  # noqa: E402


def ready(world: int = 0) -> MoonshotEnv:
    env = MoonshotEnv(world=world)
    env.reset()
    return env


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
    first, again, other = (ready(world=world).step(action)[1] for world in (0, 0, 1))
    assert first == again != other
    assert first < 0


@pytest.mark.parametrize("action", [[-0.3, 0.26], (0, 1), np.array([-1, 1]), np.array([0.1, 1 + 1e-9]), [True, False]])
def test_whatever_holds_an_action_of_the_space_is_flown(action: Any) -> None:
    env = ready()
    assert np.isfinite(env.step(action)[1])
    assert env.trials == 1


@pytest.mark.parametrize(
    "action",
    [
        *(
            [np.nan, 0],
            [0, np.inf],
            np.nan,
            0.5,
            [0.5],
            np.zeros((3, 2)),
            np.zeros((0, 2)),
            np.zeros((2, 1)),
            [0, 0, 0],
        ),
        *([5.0, 0.3], [0, -1.001], [1e300, 0], ["0", "0"], [None, 0], None, "ab", [1j, 0], [[1, 2], [3]]),
        *({}, Ellipsis),
    ],
    ids=str,
)
def test_an_action_that_the_space_has_not_is_refused_and_not_counted(action: Any) -> None:
    env = ready()
    with pytest.raises(ValueError, match=r"action: got .*, choose two finite numbers from -1 to 1"):
        env.step(action)
    assert env.trials == 0
    env.step(np.zeros(2, np.float32))  # the episode is still under way
    assert env.trials == 1


def test_a_step_without_an_episode_is_refused_and_not_counted() -> None:
    env = MoonshotEnv()
    for trials in (0, 1):
        with pytest.raises(gymnasium.error.ResetNeeded, match=r"call reset\(\) first"):
            env.step(np.zeros(2, np.float32))
        assert env.trials == trials
        env.reset(options={})
        env.step(np.zeros(2, np.float32))


def test_options_that_mean_nothing_here_are_refused() -> None:
    with pytest.raises(ValueError, match=r"options: got .*easy.*, .* leave them away"):
        MoonshotEnv().reset(options={"easy": True})


@pytest.mark.parametrize("world", [-1, 2, 0.5, "0", None, True])
def test_a_world_that_the_lab_has_not_is_refused(world: Any) -> None:
    with pytest.raises(ValueError, match=r"world: got .*, choose one of the lab's seeds, 0 to 1"):
        MoonshotEnv(Moonshot(seeds=2), world=world)
