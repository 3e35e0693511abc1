"""The venue in process: an account without a key, behind the same exchange classes."""
