"""The lab with which tests try what all labs share: the plainest one, whose runs are the shortest."""

from __future__ import annotations

from dashboard.app.language import Texts

LAB = "throw"
QUICK = "throw_steps=300&throw_seeds=2&throw_examples=300"  # a run of a second or two
MIDDLING = "throw_steps=2000&throw_seeds=4&throw_examples=300"  # of a few seconds
LONG = "throw_steps=5000&throw_seeds=16&throw_width=128&throw_depth=3"  # one that nobody sees the end of
WORDS = Texts("en", LAB)
HERE = WORDS("run.here")
