"""Preloads with which no worker comes up, each for its own reason; `missing` is not even there."""
