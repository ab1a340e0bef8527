"""What a person gets who asks for something impossible: one sentence, the right exit code, nothing done."""

import socket
from threading import Thread

import pytest

from .desk import DANA, Desk, LabCloud


@pytest.mark.parametrize(
    ("argv", "names"),
    [
        (("respond", "--bogus"), "--bogus"),
        (("replay",), "FINDINGS"),
        (("replay", "nothing.json"), "nothing.json"),
        (("respond", "--logs", "nothing"), "nothing"),
        (("case", "show"), "CASE"),
        (("case", "forget", "C-1"), "forget"),
        (("playbook", "promote", "crypto_mining"), "--reason"),
        (("nonsense",), "nonsense"),
    ],
)
def test_a_wrong_command_line_is_exit_code_2_and_says_what_is_wrong(
    stanch: Desk, argv: tuple[str, ...], names: str
) -> None:
    told = stanch(*argv)
    assert (told.code, told.out) == (2, "")
    assert names in told.err
    assert "Usage: stanch" in told.err
    assert stanch.files == set()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('profil = "article"', "setting profil: is not known; there are state, checkpoints, profile"),
        ('profile = "lenient"', "setting profile: "),
        ("profile = ", "stanch.toml cannot be read: "),
        ('[[source]]\nurl = "x"\nuser = "y"', "setting source.0.user: is not known"),
        ('context = "nowhere.yaml"', "nowhere.yaml cannot be read"),
    ],
)
def test_a_setting_that_cannot_be_is_named(stanch: Desk, text: str, names: str) -> None:
    (stanch.folder / "stanch.toml").write_text(f"{text}\n", encoding="utf-8")
    told = stanch("case", "list")
    assert (told.code, told.out) == (1, "")
    assert told.err.startswith("stanch: ")
    assert names in told.err
    assert told.err.count("\n") == 1


def test_a_variable_or_a_key_of_the_context_that_is_not_known_is_named(stanch: Desk) -> None:
    (stanch.folder / "context.yaml").write_text("network:\n  vpn: [192.0.2.0/24]\n", encoding="utf-8")
    (stanch.folder / "findings").mkdir()
    told = stanch("replay", "findings", "--context", "context.yaml")
    assert (told.code, told.out) == (1, "")
    assert "context.yaml: the key network is not known" in told.err
    stanch.variables["STANCH_STAT"] = "elsewhere"
    told = stanch("case", "list")
    assert (told.code, told.out) == (1, "")
    assert "the variable STANCH_STAT is no setting of stanch" in told.err


REAL = {
    "AWS_ENDPOINT_URL": "http://192.0.2.1:9",
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "not-a-secret",
    "AWS_REGION": "eu-west-1",
    "AWS_MAX_ATTEMPTS": "1",
}
"""Any address but the loopback's counts as AWS; this one is nobody's, and the tests stand in the way as its proxy."""


def proxied(proxy: socket.socket) -> dict[str, str]:
    return {**REAL, "HTTP_PROXY": f"http://127.0.0.1:{proxy.getsockname()[1]}"}


@pytest.mark.parametrize("verb", ["respond", "serve", "case"])
def test_without_a_profile_a_real_account_is_refused_before_anything_is_sent(stanch: Desk, verb: str) -> None:
    file = stanch.write("one.json", {})
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(0)
        stanch.variables |= proxied(proxy)
        argv = {"respond": (file, "--once", *DANA), "serve": (), "case": ("confirm", "C-1")}[verb]
        told = stanch(verb, *argv)
        with pytest.raises(BlockingIOError):
            proxy.accept()
    assert (told.code, told.out) == (1, "")
    assert 'no profile is chosen: write profile = "article"' in told.err
    assert told.err.count("\n") == 1
    assert not (stanch.folder / ".stanch").exists()


def test_with_a_profile_the_same_account_is_asked(stanch: Desk) -> None:
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as proxy:

        def listen_once() -> None:
            with proxy.accept()[0] as client:
                proxy.close()  # so that whoever asks again is turned away at once
                asked.append(client.recv(100))

        thread = Thread(target=listen_once)
        thread.start()
        stanch.variables |= {**proxied(proxy), "STANCH_PROFILE": "article"}
        told = stanch("doctor", "--json")
        thread.join(timeout=30)
    assert told.code == 5
    assert asked
    assert asked[0].startswith(b"POST http://192.0.2.1:9/")


def test_the_simulated_clock_is_refused_on_a_real_account(stanch: Desk, lab: LabCloud) -> None:
    stanch.variables |= {**REAL, "STANCH_PROFILE": "article"}
    told = stanch("respond", stanch.write("one.json", {}), "--once")
    assert (told.code, told.out) == (1, "")
    assert "LAB_CLOCK is set, but AWS is not simulated" in told.err


@pytest.mark.parametrize("override", ["dana", "dana:", ": because", " : "])
def test_an_override_without_a_name_or_a_reason_is_refused(stanch: Desk, lab: LabCloud, override: str) -> None:
    argv = ("respond", str(lab.findings / "crypto_mining.json"), "--once", "--override-observation", override)
    told = stanch(*argv)
    assert (told.code, told.out) == (1, "")
    assert "NAME: reason" in told.err
    assert lab.changes == []


@pytest.mark.parametrize("url", ["ftp://somewhere", "guardduty://", "sqs://not a queue"])
def test_a_source_that_there_is_not_is_one_sentence(stanch: Desk, lab: LabCloud, url: str) -> None:
    told = stanch("respond", url, "--once")
    assert (told.code, told.out) == (1, "")
    assert url in told.err
    assert told.err.count("\n") == 1


def test_a_queue_that_aws_does_not_know_is_one_sentence(stanch: Desk, lab: LabCloud) -> None:
    told = stanch("respond", "sqs://nobody-made-this", "--once")
    assert (told.code, told.out) == (1, "")
    assert "sqs:GetQueueUrl failed" in told.err
    assert told.err.count("\n") == 1


def test_missing_credentials_stop_the_run_before_anything_is_taken_in(stanch: Desk, lab: LabCloud) -> None:
    kept = {name: stanch.variables.pop(name) for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    told = stanch("respond", str(lab.findings / "crypto_mining.json"), "--once", "--json", *DANA)
    assert (told.out, told.code) == ("", 1)
    assert "AWS_PROFILE" in told.err
    assert "Traceback" not in told.err
    assert lab.requests == []
    stanch.variables.update(kept)
    assert (
        stanch("respond", str(lab.findings / "crypto_mining.json"), "--once", "--json", *DANA).case["outcome"]
        == "contain"
    )
