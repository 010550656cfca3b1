"""Photographs of animals that a network trained on ImageNet is asked about, and the names of its 1,000 answers."""
