"""KServe: InferenceServices, graphs of them, and services of large language models. Facts: KServe v0.16.0."""
