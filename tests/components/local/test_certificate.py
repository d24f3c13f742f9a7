"""The certificate as a resource: what is damaged or nearly over is renewed by the next `up`, whatever it is."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from modelberth.core.errors import ModelberthError
from modelberth.local import encryption
from modelberth.local.certificate import _Provider


@pytest.fixture
def inputs(tmp_path):
    return {"directory": str(tmp_path), "schema_version": 1}


@pytest.fixture
def outputs(inputs):
    return _Provider().create(inputs).outs


def test_a_good_certificate_is_left_alone(inputs, outputs):
    found = _Provider().read("id", outputs)
    assert (found.id, found.outs) == ("id", outputs)
    assert not _Provider().diff("id", outputs, inputs).changes


@pytest.mark.parametrize("name", ["certificate", "private_key"])
@pytest.mark.parametrize("text", ["", "no PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_damaged_is_mended_by_the_next_up(inputs, outputs, name, text):
    Path(outputs[name]).write_text(text)
    found = _Provider().read("id", outputs).outs
    assert _Provider().diff("id", found, inputs).changes
    mended = _Provider().update("id", found, inputs).outs
    assert not _Provider().diff("id", mended, inputs).changes


def test_a_certificate_of_another_key_is_replaced(inputs, outputs, tmp_path):
    other = encryption.issue(encryption.ensure_authority(tmp_path / "tls"), tmp_path / "other")
    Path(outputs["private_key"]).write_bytes(other.private_key.read_bytes())
    assert _Provider().diff("id", outputs, inputs).changes


@pytest.mark.parametrize(("days", "changes"), [(59, False), (61, True)])
def test_the_last_third_of_its_time_is_the_time_to_renew(inputs, outputs, monkeypatch, days, changes):
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(days=days)

    monkeypatch.setattr(encryption, "datetime", Clock)
    assert _Provider().diff("id", outputs, inputs).changes is changes


@pytest.mark.parametrize("name", ["certificate", "private_key", "ca_certificate_file"])
def test_what_is_gone_is_made_anew(outputs, name):
    Path(outputs[name]).unlink()
    assert _Provider().read("id", outputs).id == ""


def test_a_damaged_authority_is_one_clear_message(inputs, outputs):
    Path(outputs["ca_certificate_file"]).write_text("")
    with pytest.raises(ModelberthError, match=r"ca\.pem: not a certificate \(PEM\); .*folder must be deleted first"):
        _Provider().update("id", outputs, inputs)
