"""A large simulated organisation: accounts by stage, ninety days of everyone's calls, attacks woven in, and the truth.

Where `lab.world` is one small scene built into the simulated AWS, this is volume: it streams files and keeps one day of
one account in memory. Everything follows from the seed; no record is taken from anywhere.
"""

from stanch.lab.organisation.generate import Order, Written, generate

__all__ = ["Order", "Written", "generate"]
