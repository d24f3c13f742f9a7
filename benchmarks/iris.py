"""Saves a small scikit-learn model in MLflow's form: `python iris.py FOLDER`."""

import sys

import mlflow.sklearn
from mlflow.models import infer_signature
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

features, labels = load_iris(return_X_y=True, as_frame=True)
model = LogisticRegression(max_iter=500).fit(features, labels)
mlflow.sklearn.save_model(
    model,
    sys.argv[1],
    signature=infer_signature(features, model.predict(features)),
    serialization_format="skops",
    pip_requirements=["scikit-learn"],  # named, because finding them out takes eight seconds
)
