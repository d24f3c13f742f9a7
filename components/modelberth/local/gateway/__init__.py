"""Plain settings into a running Envoy in front of one service on this machine: TLS, callers, limits, the split."""
