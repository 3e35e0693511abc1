"""The five channels: what is said on a connection (pure), what was missed (pure), and a thread that does both."""
