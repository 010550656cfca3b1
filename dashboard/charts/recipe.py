"""What a result's recipe says of its lab: what is drawn of a result may depend on how it was set."""

from __future__ import annotations

import ast
from typing import Any


def settings(recipe: str) -> dict[str, Any]:
    """Every knob by name: "Throw(leave='speed', seed=3)" -> {"leave": "speed", "seed": 3}. For recipes of labs."""
    call = ast.parse(recipe, mode="eval").body
    assert isinstance(call, ast.Call)
    return {str(one.arg): ast.literal_eval(one.value) for one in call.keywords}
