"""A sheet to draw on in the browser, which comes here as a small PNG whenever a stroke has ended.

Python's half says which files; browser/sketch.js draws, and has the keys for those who do not point.
"""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
