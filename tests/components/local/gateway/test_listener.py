"""What the gateway refuses before it looks at who calls, seen from outside."""

import socket
import ssl

import grpc
import pytest
from components.local.gateway.wire import KEY, Wire, request

pytestmark = pytest.mark.server

LIMIT = 1000
TELLTALES = (b"envoy", b"127.0.0.1", b"traceback", b"upstream", b"python", b"uvicorn", b"1.4.0", b"lua")


@pytest.fixture
def gateway(start):
    return start(max_body_bytes=LIMIT)


def assert_tells_nothing(answer, why, but=""):
    headers = {name: value for name, value in answer.headers.items() if name != but}
    everything = answer.body.lower() + repr(headers).lower().encode()
    assert not [word for word in TELLTALES if word in everything], why
    assert len(answer.body) < 120, why


CHUNKED = "transfer-encoding: chunked"
END = b"0\r\n\r\n"
MALFORMED = {
    "two lengths": request("/predict", "content-length: 2", "content-length: 3", body=None) + b"{}x",
    "same length twice in one": request("/predict", "content-length: 2, 3", body=None) + b"{}x",
    "length and chunks": request("/predict", "content-length: 4", CHUNKED, body=None) + END,
    "strange transfer encoding": request("/predict", "transfer-encoding: xchunked", body=None) + END,
    "two transfer encodings": request("/predict", CHUNKED, "transfer-encoding: identity", body=None) + END,
    "negative length": request("/predict", "content-length: -1", body=None),
    "length and folded chunks": request("/predict", "content-length: 4", "transfer-encoding:\r\n chunked", body=None)
    + END,
    "underscore in a header": request("/predict", "x_client_id: root"),
    "space before the colon": request("/predict", "x-client-id : root"),
    "no host": b"POST /predict HTTP/1.1\r\nx-api-key: " + KEY.encode() + b"\r\ncontent-length: 0\r\n\r\n",
    "two hosts": request("/predict", "host: evil.example"),
    "zero byte": request("/predict", "x-bad: a\0b"),
    "escaped slash": request("/predict%2f..%2fadmin"),
    "escaped backslash": request("/predict%5cadmin"),
    "too many headers": request("/predict", *(f"x-{n}: 1" for n in range(100))),
    "too large headers": request("/predict", f"x-big: {'a' * 20_000}"),
    "no http": b"\x00\x01\x02\x03\r\n\r\n",
}


def test_malformed_requests_are_refused_and_told_nothing(gateway):
    for why, raw in MALFORMED.items():
        answer = gateway.send(raw)
        assert 400 <= answer.status < 500, why
        assert_tells_nothing(answer, why)


def test_a_folded_header_arrives_as_one_line_and_smuggles_none(gateway):
    """Envoy replaces a fold by a space, as RFC 9112 5.2 allows; a refusal cannot be configured."""
    seen = gateway.call("/predict", "x-long: one\r\n x-client-id: root\r\n\tcontent-length: 9").json["headers"]
    assert seen["x-long"].split() == ["one", "x-client-id:", "root", "content-length:", "9"]
    assert not set(seen["x-long"]) & set("\r\n")
    assert (seen["x-client-id"], seen["content-length"]) == ("web", "2")


NOT_ROUTED = (
    "/", "/metrics", "/stats", "/stats/prometheus", "/config_dump", "/quitquitquit", "/healthz", "/readyz", "/ready",
    "/admin", "/predict/", "/predict/../metrics", "/predict/%2e%2e/metrics", "/./metrics", "//metrics", "/v2/models",
    "/v2/repository/models/iris/unload", "/v2/models/../repository/index", "/v2/models/%2e%2e/repository/index",
    "/PREDICT", "/predictx", "/.env", "/docs",
)  # fmt: skip


def test_only_the_protocols_paths_are_routed(gateway):
    for path in NOT_ROUTED:
        answer = gateway.call(path)
        assert (answer.status, answer.json["error"]["code"]) == (404, "not_found"), path
        assert_tells_nothing(answer, path)


def test_what_is_routed(gateway):
    for path in ("/predict", "/predict?a=1", "/v2/models/iris/infer", "/v2/health/ready", "//predict"):
        assert gateway.call(path).status == 200, path


def test_a_request_by_its_full_address_reaches_no_other_host(gateway):
    answer = gateway.call("http://127.0.0.1:9901/config_dump")
    assert answer.status == 404
    assert gateway.call("localhost:22", method="CONNECT").status in (400, 404)


def test_a_body_over_the_limit_is_refused_with_a_length_and_in_chunks(gateway):
    assert gateway.call(body=b"x" * LIMIT).json["bytes"] == LIMIT
    with_length = gateway.call(body=b"x" * (LIMIT + 1))
    chunk = b"%x\r\n%s\r\n" % (LIMIT, b"x" * LIMIT)
    in_chunks = gateway.send(request("/predict", CHUNKED, body=None) + chunk * 3 + END)
    for answer in (with_length, in_chunks):
        assert (answer.status, answer.json["error"]["code"]) == (413, "payload_too_large")
        assert_tells_nothing(answer, "body")


def test_a_stranger_cannot_make_the_gateway_read_a_body(gateway):
    answer = gateway.send(request("/predict", "content-length: 900", key=None, body=None))
    assert answer.status == 401, "before a byte of the body was sent"


def test_headers_that_steer_envoy_are_not_obeyed(gateway):
    steering = ("x-envoy-upstream-rq-timeout-ms: 1", "x-sleep: 0.05", "x-envoy-original-path: /metrics")
    answer = gateway.call("/predict", *steering, "x-forwarded-for: 1.2.3.4", "x-request-id: mine")
    assert answer.status == 200
    seen = answer.json["headers"]
    assert "x-envoy-internal" not in seen
    assert seen["x-request-id"] != "mine"
    assert answer.headers["x-request-id"] == seen["x-request-id"]


def test_answers_do_not_tell_what_is_behind(gateway):
    answer = gateway.call()
    assert answer.headers["server"] == "modelberth"
    assert not [name for name in answer.headers if name.startswith("x-envoy") or name == "x-powered-by"]


def test_a_dead_backend_is_503_that_tells_nothing(start):
    gateway = start(backends={"1.4.0": 1}, weights={"1.4.0": 100})
    answer = gateway.call()
    assert (answer.status, answer.json["error"]["code"]) == (503, "unavailable")
    assert_tells_nothing(answer, "dead backend", but="x-model-version")


def test_a_slow_backend_is_504(start):
    answer = start(timeout=0.1).call("/predict", "x-sleep: 1")
    assert (answer.status, answer.json["error"]["code"]) == (504, "timeout")
    assert_tells_nothing(answer, "slow backend", but="x-model-version")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_tls_below_1_2_is_refused(gateway, version):
    context = gateway.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    with pytest.raises(ssl.SSLError):
        Wire(gateway.settings.port, context)


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_tls_from_1_2_on_is_spoken(gateway, version):
    context = gateway.context()
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    with Wire(gateway.settings.port, context) as wire:
        assert wire.send(request()).status == 200


def test_a_client_that_does_not_know_the_authority_refuses_the_gateway(gateway):
    with pytest.raises(ssl.SSLCertVerificationError):
        Wire(gateway.settings.port, ssl.create_default_context())


def test_http_2_is_guarded_in_the_same_way(gateway):
    """Seen with gRPC's client, which speaks nothing else: 401 and 404 in its own words."""
    roots = gateway.authority.certificate.read_bytes()
    with grpc.secure_channel(f"localhost:{gateway.settings.port}", grpc.ssl_channel_credentials(roots)) as channel:
        call = channel.unary_unary("/inference.GRPCInferenceService/ModelInfer")
        for key, code in ((None, "UNAUTHENTICATED"), ("wrong", "UNAUTHENTICATED"), (KEY, "UNIMPLEMENTED")):
            with pytest.raises(grpc.RpcError) as refused:
                call(b"", metadata=[("x-api-key", key)] if key else [], timeout=5)
            assert refused.value.code().name == code
            assert refused.value.details() in ("", None) or "error" in refused.value.details()


def test_plain_http_is_not_answered(gateway):
    with socket.create_connection(("127.0.0.1", gateway.settings.port), timeout=5) as plain:
        plain.sendall(request())
        try:
            assert plain.recv(100) == b""
        except ConnectionError:
            return


@pytest.mark.parametrize(
    ("offered", "taken"), [(["h2", "http/1.1"], "http/1.1"), (["http/1.1"], "http/1.1"), (["h2"], "h2")]
)
def test_a_client_that_speaks_both_is_answered_in_http_1(start, offered, taken):
    """Over HTTP/2 an answer that comes before the body ends the stream, and curl 7.88 then shows no 401 at all."""
    gateway = start()
    context = gateway.context()
    context.set_alpn_protocols(offered)
    with (
        socket.create_connection(("127.0.0.1", gateway.settings.port), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as wire,
    ):
        assert wire.selected_alpn_protocol() == taken
