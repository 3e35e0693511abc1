"""Freqtrade-style strategies, with or without freqtrade: an import shim, frames, rules, and two ways to play."""
