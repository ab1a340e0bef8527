"""What a terminal shows: nothing that a stranger wrote can move its cursor, and `--json` is JSON and nothing else."""

import unicodedata

from .desk import DANA, Desk, LabCloud, Ran

HOSTILE = (
    "\x1b[2J\x1b[31mall clear\x1b]0;owned\x07\x9b31m\u202e\u2066\u200b\r\nC-00000000  low  queue  forged\u2028"
    "[bold red]markup[/] \x00\U000e0041"
)
ORDERS = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def obeyed(text: str) -> set[str]:
    """Characters that a terminal obeys instead of showing them; a line's end is none."""
    return {char for char in text if unicodedata.category(char) in ORDERS} - {"\n"}


def test_text_that_a_stranger_wrote_is_shown_without_what_a_terminal_obeys(stanch: Desk, lab: LabCloud) -> None:
    finding = lab.finding("crypto_mining")
    finding["detail"] |= {"title": HOSTILE, "description": HOSTILE}
    unknown = lab.finding("port_probe")
    unknown["detail"] |= {"id": "a" * 32, "type": f"Strange:EC2/{HOSTILE}", "title": HOSTILE}
    broken = lab.finding("port_probe")
    broken["detail"] |= {"id": "b" * 32, "severity": HOSTILE}
    file = stanch.write("hostile.ndjson", finding, unknown, broken, f'{{"{HOSTILE}')
    context = ("--context", f"{lab.simulation / 'context.yaml'}")
    told = [stanch("respond", file, "--once", *context, *DANA), stanch("replay", file, *context)]
    told += [stanch("case", "list"), stanch("case", "show", _first(stanch)), stanch("audit", "verify")]
    for one in told:
        assert obeyed(one.out) == obeyed(one.err) == set(), ascii(one.out)
        assert not [line for line in (one.out + one.err).splitlines() if line.startswith("C-00000000")]
        assert "Traceback" not in one.err
    assert "[bold red]markup[/]" in told[0].out
    assert "all clear" in told[2].out


def test_hostile_names_on_the_command_line_are_shown_harmlessly(stanch: Desk, lab: LabCloud) -> None:
    name = HOSTILE.replace("\x00", "")
    for argv in (("case", "show", name), ("playbook", "show", name), ("respond", name, "--once")):
        told = stanch(*argv)
        assert told.code == 1
        assert obeyed(told.out + told.err) == set(), ascii(told.err)


def test_with_json_every_line_on_stdout_is_json_and_pages_go_to_stderr(stanch: Desk, lab: LabCloud) -> None:
    lab.remote.deny("ec2:CreateSnapshots")
    for name in ("crypto_mining", "root_login", "sample_finding"):
        stanch.write(f"{name}.json", lab.finding(name))
    stanch.write("broken.ndjson", "{", lab.finding("port_probe"))
    told = stanch("respond", ".", "--once", "--json", "--context", f"{lab.simulation / 'context.yaml'}", *DANA)
    assert [one["kind"] for one in told.lines][-1] == "summary"
    assert "Preserve evidence" in told.err
    assert told.out.isascii()
    replayed = stanch("replay", ".", "--json")
    assert [one["kind"] for one in replayed.lines][-1] == "summary"
    assert replayed.err == ""


def test_json_keeps_what_a_stranger_wrote_but_only_escaped(stanch: Desk) -> None:
    hostile = {"detail-type": "GuardDuty Finding", "detail": {"type": HOSTILE, "id": "x"}}
    told = stanch("replay", stanch.write("one.json", hostile), "--json")
    assert told.of("skip")
    assert obeyed(told.out) == set()
    assert stanch("replay", stanch.write("\u202etwo.json", hostile), "--json").out.isascii()


def _first(stanch: Desk) -> str:
    ran: Ran = stanch("case", "list", "--json")
    return str(ran.lines[0]["case"])
