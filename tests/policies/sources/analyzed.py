"""Rules and an engine for the tests of the pack server: each rule does one thing that a rule may do, or should not."""

from pulumi.runtime.proto import analyzer_pb2 as pb

from modelberth_policies.packs import Pack
from modelberth_policies.rule import ANY, Category, Severity, graph_rule, resource_rule

THING, LINK = "acme:index:Thing", "acme:index:Link"
PROVIDER = "urn:pulumi:prod::shop::pulumi:providers:acme::"
ROOT = "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod"
ABOUT = {"frameworks": ("CIS AWS 7.0 4.6", "NIST SC-28"), "why": "A test wants it.", "fix": "Do it."}


@resource_rule("thing-closed", Severity.HIGH, Category.PRIVACY, THING, **ABOUT)
def thing_closed(thing):
    if thing.value("open") is True:
        yield "is open"
    if not thing.present("key"):
        yield "has no key"


@resource_rule("thing-raises", Severity.LOW, Category.SECURITY, THING, **ABOUT)
def thing_raises(thing):
    if thing.value("boom", None):
        raise KeyError(thing.value("boom"))
    yield from ()


@resource_rule("thing-tells", Severity.LOW, Category.SECURITY, THING, **ABOUT)
def thing_tells(thing):
    if thing.value("tell", None):
        yield f"says {thing.value('tell')}"


@graph_rule("thing-linked", Severity.CRITICAL, Category.RELIABILITY, THING, **ABOUT)
def thing_linked(thing, stack):
    if not stack.referring(thing, LINK, "to"):
        yield "has no link"


@resource_rule("provider-named", Severity.LOW, Category.GOVERNANCE, ANY, **ABOUT)
def provider_named(subject):
    if subject.resource.options.provider is None and not subject.type.startswith("pulumi:providers:"):
        yield "has a default provider"


PACK = Pack("own", "Rules for tests.", (thing_closed, thing_raises, thing_tells, thing_linked, provider_named))


class Engine:
    """What the engine asks, and what it is told: `(policy, level, message)` of each diagnostic."""

    def __init__(self, stub):
        self.stub = stub

    def begin(self, *, preview=True, stack="prod", levels=None):
        about = {"stack": stack, "project": "shop", "organization": "organization", "dry_run": preview}
        self.stub.ConfigureStack(pb.AnalyzerStackConfigureRequest(**about))
        info = self.stub.GetAnalyzerInfo(pb.google_dot_protobuf_dot_empty__pb2.Empty())
        wanted = {policy.name: policy.enforcementLevel for policy in info.policies} | (levels or {})
        config = {name: pb.PolicyConfig(enforcementLevel=level) for name, level in wanted.items()}
        self.stub.Configure(pb.ConfigureAnalyzerRequest(policyConfig=config))
        return info

    def analyze(self, name="one", type_=THING, provider="ours", **properties):
        request = pb.AnalyzeRequest(type=type_, urn=urn(name, type_), name=name)
        request.options.parent = ROOT
        request.properties.update({"key": "k", **properties})
        if provider:
            request.provider.urn = PROVIDER + provider
        return told(self.stub.Analyze(request))

    def finish(self, *resources):
        return told(self.stub.AnalyzeStack(pb.AnalyzeStackRequest(resources=resources)))


def urn(name, type_=THING):
    return f"urn:pulumi:prod::shop::{type_}::{name}"


def told(response):
    return [(each.policyName, each.enforcementLevel, each.message) for each in response.diagnostics]


def at_the_end(name="one", type_=THING, depends=None, **outputs):
    found = pb.AnalyzerResource(type=type_, urn=urn(name, type_), name=name, parent=ROOT)
    found.provider.urn = PROVIDER + "ours"
    found.properties.update(outputs)
    for key, names in (depends or {}).items():
        found.propertyDependencies[key].urns.extend(names)
    return found
