"""Where a plan comes from: a program run here, a preview, a state, the engine's policy protocol."""
