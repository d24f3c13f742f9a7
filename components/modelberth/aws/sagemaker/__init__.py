"""Amazon SageMaker AI. Each kind of inference is a package of its own; what they share is here."""
