"""A film that plays in the browser without the server: what a network does to a sheet of paper, move by move.

A picture that is a charts.style.Motion plays here unless it names another component. The browser is told everything at
once; playing, stepping, dragging and turning send nothing. The film's half is browser/scrubber.js, what it takes is
packed in dashboard/pages/paper/charts/unfolding.py; browser/pad.js is a pad to draw points on.
"""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
