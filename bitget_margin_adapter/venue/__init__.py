"""The emulated venue: the margin engine behind the names, parameters and answers of the API."""
