"""The words of margin trading: enumerations, exact numbers, symbols, rows. Imports nothing of this package."""
