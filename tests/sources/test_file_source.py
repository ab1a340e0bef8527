import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanch.model.errors import BadInput
from stanch.model.finding import Skip
from stanch.sources import MAX_DEPTH, MAX_RECORD, Record, open_source
from stanch.sources.file import _elements


def records(path: Path) -> list[Record | Skip]:
    return list(open_source(str(path)).records())


def bodies(path: Path) -> list[object]:
    return [one.body for one in records(path) if isinstance(one, Record)]


def skips(path: Path) -> list[Skip]:
    return [one for one in records(path) if isinstance(one, Skip)]


@pytest.mark.parametrize("ending", [".ndjson", ".jsonl", ".NDJSON", ".ndjson.gz"])
def test_one_record_a_line_named_by_its_line(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"findings{ending}"
    text = b'\xef\xbb\xbf{"a": 1}\n\n{"b": 2}'
    path.write_bytes(gzip.compress(text) if ending.endswith(".gz") else text)
    assert records(path) == [Record(f"{path}:1", {"a": 1}), Record(f"{path}:3", {"b": 2})]


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}{"b": [2, {"c": "}"}]}',
        '{\n "a": 1\n}\n\n{\n "b": [2,\n {"c": "}"}]\n}\n',
        '[{"a": 1}, {"b": [2, {"c": "}"}]}]',
        '{"a": 1}\n[{"b": [2, {"c": "}"}]}]',
        '[{"a": 1},{"b":[2,{"c":"}"}]},]',
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_json_file_holds_one_several_or_a_list(tmp_path: Path, text: str, packed: bool) -> None:
    path = tmp_path / ("findings.json.gz" if packed else "findings.json")
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    assert records(path) == [Record(f"{path}#0", {"a": 1}), Record(f"{path}#1", {"b": [2, {"c": "}"}]})]


BAD = {
    b'{"a": NaN}': "NaN",
    b'{"a": -Infinity}': "Infinity",
    b'{"a": 1e999}': "too large",
    b'{"a": 1, "b": 2, "a": 3}': "'a' stands twice",
    b'{"a": "\xff"}': "not UTF-8 at byte 7",
    b'{"a": "\\ud800"}': "surrogate",
    b'{"a": }': "not JSON",
    b"[" * 100_000 + b"]" * 100_000: "levels deep",
    b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1): "levels deep",
    b'{"a": ' + b"9" * 5000 + b"}": "not JSON",
    b'{"a": "' + b"x" * MAX_RECORD + b'"}': "16 MiB",
}


@pytest.mark.parametrize(("bad", "why"), BAD.items(), ids=list(BAD.values()))
def test_a_bad_line_is_named_and_the_rest_goes_on(tmp_path: Path, bad: bytes, why: str) -> None:
    path = tmp_path / "findings.ndjson"
    path.write_bytes(b'{"n": 1}\n' + bad + b'\n{"n": 3}\n')
    (skip,) = skips(path)
    assert (skip.record, skip.malformed) == (f"{path}:2", True)
    assert why in skip.reason
    assert bodies(path) == [{"n": 1}, {"n": 3}]


@pytest.mark.parametrize(("bad", "why"), BAD.items(), ids=list(BAD.values()))
def test_a_bad_element_is_named_and_the_rest_goes_on(tmp_path: Path, bad: bytes, why: str) -> None:
    path = tmp_path / "findings.json"
    path.write_bytes(b'[{"n": 1},\n' + bad + b',\n{"n": 3}]')
    (skip,) = skips(path)
    assert (skip.record, skip.malformed) == (f"{path}#1", True)
    assert why in skip.reason
    assert bodies(path) == [{"n": 1}, {"n": 3}]


@pytest.mark.parametrize("text", ['[{"n": 1}, {"n": 2', '[{"n": 1}', '{"n": 1}{"n": ', '{"n": 1} nonsense'])
def test_a_file_that_is_cut_short_gives_what_is_whole_and_says_so(tmp_path: Path, text: str) -> None:
    path = tmp_path / "findings.json"
    path.write_text(text)
    assert bodies(path) == [{"n": 1}]
    assert skips(path)
    assert all(one.malformed for one in skips(path))


@pytest.mark.parametrize("name", ["findings.ndjson.gz", "findings.json.gz"])
def test_a_truncated_gzip_gives_what_is_whole_and_says_so(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    lines = "".join(json.dumps({"n": n, "noise": f"{n**n}"}) + "\n" for n in range(300))
    path.write_bytes(gzip.compress(lines.encode())[:-2000])
    assert bodies(path)[0] == {"n": 0, "noise": "1"}
    assert len(bodies(path)) > 10
    last = skips(path)[-1]
    assert last.malformed
    assert "cannot be read to its end" in last.reason


def test_a_file_that_is_no_gzip_is_malformed(tmp_path: Path) -> None:
    path = tmp_path / "findings.json.gz"
    path.write_text("{}")
    (skip,) = records(path)
    assert isinstance(skip, Skip)
    assert skip.malformed


def test_a_folder_is_read_in_the_order_of_its_paths_and_tells_what_it_passed_over(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "one.json").write_text('{"n": 2}')
    (tmp_path / "a.ndjson").write_text('{"n": 1}')
    (tmp_path / "c.txt").write_text("notes")
    (tmp_path / "d.json").write_text(" ")
    assert bodies(tmp_path) == [{"n": 1}, {"n": 2}]
    notes, empty = skips(tmp_path)
    assert (notes.record, notes.malformed) == (str(tmp_path / "c.txt"), False)
    assert "not a findings file" in notes.reason
    assert (empty.record, empty.malformed) == (str(tmp_path / "d.json"), False)


def test_a_path_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no file or folder"):
        open_source(str(tmp_path / "absent.json"))


def test_files_are_vouched_for_and_stay(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text("{}")
    source = open_source(str(path))
    for record in source.records():
        assert isinstance(record, Record)
        source.ack(record.name)
    assert source.vouched
    assert path.exists()


TEXTS = st.text(alphabet='[]{},:"\\ aé\n', max_size=6)
JSON_VALUES = st.recursive(
    st.none() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.lists(st.dictionaries(TEXTS, JSON_VALUES, max_size=3), max_size=3)


@settings(deadline=None)
@given(OBJECTS, st.booleans(), st.sampled_from([None, 1]))
def test_values_are_cut_out_where_json_ends_them(
    objects: list[dict[str, object]], listed: bool, indent: int | None
) -> None:
    text = json.dumps(objects, indent=indent) if listed else "\n".join(json.dumps(o, indent=indent) for o in objects)
    assert [json.loads(part) for part in _elements(text)] == objects


@settings(deadline=None)
@given(st.text(alphabet='[]{},:"\\ a1'))
def test_no_text_is_lost_in_cutting(text: str) -> None:
    kept = "".join(_elements(text))
    for sign in "a1":
        assert kept.count(sign) == text.count(sign)
