"""The margin engine: ledger, loans, orders, risk and records, pure and deterministic; it knows no JSON and no codes."""
