"""Real-time endpoints on instances."""
