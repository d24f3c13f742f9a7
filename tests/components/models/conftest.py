"""A real registry, once for all tests of this folder: MLflow with sqlite and files."""

from pathlib import Path

import pytest

from modelberth.models import mlflow_registry


class Shelf:
    """A registry and a way to put models on it."""

    def __init__(self, folder):
        import mlflow

        self.folder = folder
        self.uri = f"sqlite:///{folder}/registry.db"
        # MLflow looks a logged model up through its global address, whatever client asks.
        mlflow.set_tracking_uri(self.uri)
        self.registry = mlflow_registry.client(self.uri)
        self.experiment = self.registry.create_experiment("all", (folder / "artifacts").as_uri())

    def log(self, name, files):
        """A logged model with these files, not registered yet."""
        logged = self.registry.create_logged_model(self.experiment, name=name)
        place = Path(logged.artifact_location.removeprefix("file://"))
        for path, content in files.items():
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_text(content)
        return self.registry.finalize_logged_model(logged.model_id, "READY")

    def add(self, name, version, files=None):
        """A registered version."""
        logged = self.log(name, files or {"MLmodel": version})
        return mlflow_registry.register(self.registry, name, version, logged)


@pytest.fixture(scope="session")
def shelf(tmp_path_factory):
    import mlflow

    before = mlflow.get_tracking_uri()
    try:
        yield Shelf(tmp_path_factory.mktemp("registry"))
    finally:
        mlflow.set_tracking_uri(before)
