"""Rules, prices and the plan they read. Imports no modelberth."""
