"""The least that serves an MLflow model with FastAPI: `python bare_server.py MODEL loop|thread PORT`.

No logs, no metrics, no request ids, no check against the model's signature beyond "a list of lists of numbers". `loop`
predicts on the event loop, which then answers nothing else meanwhile; `thread` in FastAPI's thread pool.
"""

import sys
from typing import Any

import mlflow.pyfunc
import pandas
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

model = mlflow.pyfunc.load_model(sys.argv[1])
columns = model.metadata.signature.inputs.input_names()
app = FastAPI()


class Question(BaseModel):
    """The body of a request."""

    features: list[list[float]]


def predict(question: Question) -> dict[str, Any]:
    """Predictions for rows of features."""
    return {"predictions": model.predict(pandas.DataFrame(question.features, columns=columns)).tolist()}


async def predict_on_loop(question: Question) -> dict[str, Any]:
    """The same, without a change of thread."""
    return predict(question)


app.post("/predict")({"loop": predict_on_loop, "thread": predict}[sys.argv[2]])
uvicorn.run(app, port=int(sys.argv[3]), access_log=False, log_level="warning")
