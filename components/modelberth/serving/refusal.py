"""What a client is told when a request is refused: a code, a problem, a field, and never a value it sent."""

from pydantic_core import to_json


class Refusal(Exception):  # noqa: N818  an answer, not a failure of this program
    """A request that is answered with an error of its own: HTTP status, short code, one sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class Wrong(Exception):  # noqa: N818  as above
    """A value that does not fit; whoever holds the value puts the place in front, so a good value costs nothing."""

    def __init__(self, problem: str, place: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.place = place

    def inside(self, place: str) -> "Wrong":
        """The same problem, seen from one level further out: `[3]`, `.age`."""
        return Wrong(self.problem, place + self.place)

    def refusal(self, field: str) -> Refusal:
        """The answer to the client, 422, for a value below `field`."""
        return Refusal(422, "invalid_features", f"{field}{self.place} {self.problem}")


def error_body(code: str, message: str) -> bytes:
    """The JSON body that every error has: `{"error": {"code": …, "message": …}}`."""
    return to_json({"error": {"code": code, "message": message}})


def refusal_for(fault: Exception) -> Refusal:
    """What a client is told of an exception: its own refusal, or that something failed and no more."""
    if isinstance(fault, Refusal):
        return fault
    if isinstance(fault, MemoryError):
        return Refusal(503, "out_of_memory", "there is not enough memory for this request")
    return Refusal(500, "prediction_failed", "the model could not predict; the log has the request id")
