"""The reference model server: `python -m modelberth.serving --model PATH --name iris --version 1.0.0`.

An app of its own: it serves one MLflow model over HTTP and imports nothing else of modelberth.
"""
