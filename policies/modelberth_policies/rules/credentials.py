"""Credentials in environment variables, told by their shape, and by the name that they stand under.

    looks_like_credential("DATABASE_URL", "postgres://app:pw@db/app") == "a password in an address"

What is said is never the value. A reference to a secret (an ARN, `{{resolve:…}}`, a path, `${NAME}`) is no credential.
Standard library only.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from modelberth_policies.resources import GAP, MISSING, UNKNOWN, read_text, steps_of
from modelberth_policies.subject import Subject, Undeterminable

# Each shape as its issuer publishes it; where none does, as secret scanners (gitleaks' rules, 2026-11) know it. What it
# always holds stands first: looking for that is many times faster than the pattern, and most texts hold none of it.
_SHAPES = (
    # RFC 7468 §10 and 11; RFC 9580 §6.2 for PGP.
    ("PRIVATE KEY", "a private key", r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"),
    # docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html: prefixes of unique ids.
    ("A", "an AWS access key", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"),
    # docs.github.com/authentication: GitHub's token formats.
    ("gh", "a GitHub token", r"\bgh[pousr]_[A-Za-z0-9]{36,}"),
    ("github_pat_", "a GitHub token", r"\bgithub_pat_\w{22,}"),
    # docs.gitlab.com/security/tokens: token prefixes.
    ("gl", "a GitLab token", r"\bgl(?:pat|dt|rt|cbt|ptt|soat)-[\w-]{20,}"),
    # huggingface.co/docs/hub/security-tokens.
    ("hf_", "a Hugging Face token", r"\bhf_[A-Za-z0-9]{30,}"),
    # platform.openai.com, docs.anthropic.com and docs.nvidia.com/ngc: prefixes, then the kind of key.
    ("sk-", "a model provider's API key", r"(?<![A-Za-z0-9])sk-(?:[a-z0-9]+-){0,3}[A-Za-z0-9_]{20,}"),
    ("nvapi-", "a model provider's API key", r"\bnvapi-[\w-]{40,}"),
    # cloud.google.com/docs/authentication/api-keys; OAuth tokens and client secrets by their prefixes.
    ("AIza", "a Google key", r"\bAIza[\w-]{35}"),
    ("ya29.", "a Google key", r"\bya29\.[\w-]{20,}"),
    ("GOCSPX-", "a Google key", r"\bGOCSPX-[\w-]{28}"),
    # api.slack.com/concepts/token-types; api.slack.com/messaging/webhooks.
    ("xox", "a Slack token", r"\bxox[abeoprs](?:\.xox[bp])?-[\w-]{10,}"),
    ("xapp-", "a Slack token", r"\bxapp-\d-[\w-]{10,}"),
    ("hooks.slack.com/", "a Slack token", r"hooks\.slack\.com/services/T\w+/B\w+/\w+"),
    # RFC 7519: header and claims are JSON objects, and `{"` in base64 is `eyJ`.
    (".eyJ", "a JSON Web Token", r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"),
    # learn.microsoft.com: storage connection strings, shared access signatures, application secrets.
    ("Key=", "an Azure key", r"\b(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{40,}"),
    ("sig=", "an Azure key", r"[?&]sig=[A-Za-z0-9%+/]{40,}"),
    ("Q~", "an Azure key", r"\b\w{3}\dQ~[\w.~-]{31,34}"),
    # docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html: who has the address has the object.
    ("-Signature=", "a presigned address", r"[?&]X-(?:Amz|Goog)-Signature=[0-9a-f]{64,}"),
    # Prefixes of tokens in the documents of npm, PyPI, Docker Hub, Stripe, Databricks and HashiCorp Vault.
    ("npm_", "an access token", r"\bnpm_[A-Za-z0-9]{36}"),
    ("pypi-", "an access token", r"\bpypi-[\w-]{50,}"),
    ("dckr_pat_", "an access token", r"\bdckr_pat_[\w-]{20,}"),
    ("k_live_", "an access token", r"\b[rs]k_live_\w{20,}"),
    ("dapi", "an access token", r"\bdapi[0-9a-f]{32}"),
    ("hv", "an access token", r"\bhv[sb]\.[\w-]{24,}"),
    # RFC 3986 §3.2.1; `${…}`, `$(…)` and `{{…}}` stand for what is filled in later.
    ("@", "a password in an address", r"\b[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s/?#:@]*:(?!\$[({]|\{\{)[^\s/?#@]+@"),
    ("=", "a password in a connection string", r"(?i:(?:^|;)\s*(?:password|pwd)\s*=\s*)(?!\$[({]|\{\{)[^;\s]+"),
)
# Each once it is needed: a plan needs few, and all of them take as long as importing the rules of a whole cloud.
_compiled = cache(re.compile)
_AWS_SECRET = re.compile(r"(?=.*[A-Z])(?=.*[a-z])(?=.*\d)[A-Za-z0-9/+]{40}")
_AWS_SECRET_LENGTH = 40
"""Forty characters of base64, which is all that AWS says; a commit's hash has no capitals."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PASSWORDS = ("password", "passwd", "passphrase")
_SINGLE = frozenset({"secret", "secrets", "token", "apikey", "credential", "credentials", "accesskey", "privatekey"})
_PAIRS = frozenset({"api", "access", "private", "signing", "encryption", "auth", "account", "master", "shared"})
"""Words before `key` that make it a secret one."""
_ABOUT = re.compile(
    "algorithm|arn|audience|bucket|budget|count|days|dir|enabled|endpoint|expiration|expiry|file|header|host|hours|id|"
    "issuer|length|limit|minutes|mode|name|path|policy|prefix|provider|ref|reference|region|required|scope|seconds|size|"
    "store|suffix|table|ttl|type|uri|url|version"
)
"""Last words of names that say something about a secret, and not the secret."""

_REFERENCE = re.compile(
    r"arn:|\{\{|\$\(|\$\{|\$[A-Za-z_]\w*$|<.*>$|%[A-Za-z_]\w*%$|@Microsoft\.KeyVault\(|secretref:|(?:vault|ssm|sm|op|file):"
    r"|[a-z][a-z0-9+.-]*://|projects/[^/]+/secrets/|\.{0,2}(?:/[\w .-]+)+/?$"
)
_TRIVIAL = frozenset({"", "true", "false", "yes", "no", "on", "off", "none", "null", "enabled", "disabled", "auto"})
_PLAIN_NAME = re.compile(r"\.?[a-z]+\d{0,3}(?:[-_/.](?:[a-z]+\d{0,3}|\d{1,3}))*$")
"""What somebody called something: `acme-prod-db-2`, `.dockerconfigjson`."""
_SHORTEST = 8
_LEAST_ENTROPY = 2.5
"""Bits a character. Eight random characters have three; `xxxxxxxx` has none."""


def looks_like_credential(name: str, value: object) -> str | None:
    """What the value of a variable of this name looks like (`a GitHub token`); None for no credential.

    A value with unknown parts (`resources.GAP`) is judged by the parts that are known.
    """
    text = str(value)
    for marker, what, shape in _SHAPES:
        if marker in text and _compiled(shape).search(text):
            return what
    if len(text) == _AWS_SECRET_LENGTH and _AWS_SECRET.fullmatch(text):
        return "an AWS secret key"
    if not sounds_secret(name) or _is_harmless(text) or GAP in text:
        return None
    if _is_password(name):
        return "a password"
    return "a credential" if any(_is_random(word) for word in text.split()) else None


@lru_cache(maxsize=4096)
def sounds_secret(name: str) -> bool:
    """Whether a variable of this name holds a secret: `DB_PASSWORD`, `hfToken`; not `TOKEN_FILE`, `MAX_TOKENS`."""
    words = _words(name)
    if _is_about(name):
        return False
    keys = any(word == "key" and before in _PAIRS for before, word in pairwise(words))
    return keys or _is_password(name) or not _SINGLE.isdisjoint(words)


def credentials_in(owner: Subject, path: str) -> Iterator[str]:
    """Half a sentence for each credential in the environment at `path`, and last, `Undeterminable` if one may hide.

    Takes a mapping of names to values as well as a list of `{name, value}`. Whatever the program marks as secret is
    one, if it does not refer to one. What another resource will give counts only under a name that sounds secret: an
    output that is a credential is marked as such by its provider.
    """
    unknown: Undeterminable | None = None
    for variable in _variables(owner, path):
        try:
            found = _credential(variable)
        except Undeterminable as undeterminable:
            unknown = undeterminable
            continue
        if found is not None:
            label = variable.name if isinstance(variable.name, str) else variable.path
            yield f"has {found} in the environment variable {label}"
    if unknown is not None:
        raise unknown


class _Variable(NamedTuple):
    name: Any
    value: Any
    secret: bool
    path: str
    computed: bool
    """Whether other resources gave any of the environment's values."""


def _variables(owner: Subject, path: str) -> Iterator[_Variable]:
    environment = owner.at(path)
    computed = bool(owner.resource.property_dependencies.get(str(steps_of(environment.path)[0])))
    if isinstance(environment.whole, Mapping):
        for name, value in environment.whole.items():
            yield _Variable(str(name), *read_text(value, ""), f'{environment.path}["{name}"]', computed)
        return
    for item in environment.each(""):
        name, value = read_text(item.whole, "name")[0], read_text(item.whole, "value")
        yield _Variable(name, *value, item.path, computed)


def _credential(variable: _Variable) -> str | None:
    name = variable.name if isinstance(variable.name, str) else ""
    if variable.value is UNKNOWN or variable.value == GAP:
        return _unknown_credential(variable, name)
    text = "" if variable.value is MISSING else str(variable.value)
    found = looks_like_credential(name, text)
    if found is not None or _is_harmless(text):
        return found
    if variable.secret:
        return "a secret"
    if variable.name is UNKNOWN or (GAP in text and sounds_secret(name)):
        raise Undeterminable(variable.path)
    return None


def _unknown_credential(variable: _Variable, name: str) -> str | None:
    if variable.secret and not _is_about(name):
        return "a secret"
    if variable.secret or sounds_secret(name) or not variable.computed:
        raise Undeterminable(variable.path)
    return None


def _is_password(name: str) -> bool:
    words = _words(name)
    return any(word.endswith(_PASSWORDS) for word in words) or (len(words) > 1 and words[-1] == "pwd")


def _is_about(name: str) -> bool:
    words = _words(name)
    return bool(words) and _ABOUT.fullmatch(words[-1]) is not None


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name)]


def _is_harmless(text: str) -> bool:
    return text.strip().lower() in _TRIVIAL or _REFERENCE.match(text.strip()) is not None


def _is_random(word: str) -> bool:
    named = _PLAIN_NAME.match(word) or _is_number(word)
    return len(word) >= _SHORTEST and not named and _entropy(word) >= _LEAST_ENTROPY


def _is_number(word: str) -> bool:
    return word.replace(".", "", 1).lstrip("-").isdigit()


def _entropy(text: str) -> float:
    """Shannon's, in bits a character."""
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)
