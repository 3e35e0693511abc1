"""What other backtesters are given, and how each of them is run in an environment of its own."""
