"""The demonstration: a small margin bot, the market it is played, what is watched meanwhile, and how it is shown."""
