"""The venue's API as tables, and the translations that derive from them: JSON to rows, rows to ccxt and back."""
