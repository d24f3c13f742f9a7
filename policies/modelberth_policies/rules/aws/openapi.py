"""APIs that are written as one OpenAPI document: its operations, and which of them ask for nothing."""

from collections.abc import Iterator

from modelberth_policies.subject import Subject

VERBS = ("get", "put", "post", "delete", "patch", "head", "x-amazon-apigateway-any-method")


def operations_of(api: Subject) -> Iterator[tuple[str, Subject]]:
    """Verb and path → operation, of the document in `body`. Raises `Undeterminable` for one that is not JSON."""
    document = api.document("body")
    paths = document.value("paths", {})
    for path in paths if isinstance(paths, dict) else {}:
        if '"' in path:
            continue  # no path of a URL
        for verb in VERBS:
            place = f'paths["{path}"].{verb}'
            if isinstance(document.value(place), dict):
                yield f"{verb.upper()} {path}", document.at(place)


def is_open(operation: Subject, api: Subject) -> bool:
    """Whether an operation asks for nothing: no security of its own, none of the document, no IAM."""
    document = api.document("body")
    wanted = operation.value("security", document.value("security", []))
    by_iam = operation.value("x-amazon-apigateway-auth.type", document.value("x-amazon-apigateway-auth.type"))
    return by_iam != "AWS_IAM" and not (isinstance(wanted, list) and wanted and {} not in wanted)
