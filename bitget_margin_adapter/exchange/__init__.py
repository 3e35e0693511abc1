"""The doors for ccxt users: synchronous, asyncio, and streams. They differ in how they perform an effect."""
