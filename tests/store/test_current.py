"""A copy is what was registered, by a hash that no other folder has; a damaged record of service says what to do."""

import hashlib
from pathlib import Path

import pytest

from domain.errors import DamagedFile, NotThere, WrongModel
from store.current import (
    InService,
    copy_of,
    folder_hash,
    in_service,
    is_whole,
    keep_copy,
    kept_hash,
    models_folder,
    put_in_service,
    vouch,
)


def folder(path: Path, **files: bytes) -> Path:
    path.mkdir()
    for name, content in files.items():
        (path / name).write_bytes(content)
    return path


def test_one_file_is_not_taken_for_two(tmp_path: Path) -> None:
    """A content that looks like a further file's name and content hashes otherwise than that file."""
    two, one = folder(tmp_path / "two", a=b"x", b=b"y"), folder(tmp_path / "one", a=b"x\0b\0y")
    assert folder_hash(two) != folder_hash(one)


def test_what_was_registered_by_the_rule_of_before_is_still_whole(tmp_path: Path) -> None:
    """Homes that were made before the rule changed go on working; other files are not taken for those."""
    old = folder(tmp_path / "old", a=b"x", b=b"y")
    sha256 = hashlib.sha256(b"a\0x\0b\0y\0").hexdigest()
    assert is_whole(old, sha256)
    assert is_whole(old, folder_hash(old))
    (old / "b").write_bytes(b"z")
    assert not is_whole(old, sha256)


def test_a_copy_is_kept_with_its_hash(tmp_path: Path) -> None:
    """The hash it was registered with, where there is one; what was changed since is refused."""
    made = folder(tmp_path / "made", a=b"x")
    assert keep_copy(tmp_path, "n", "1", made) == kept_hash(tmp_path, "n", "1") == folder_hash(made)
    assert keep_copy(tmp_path, "n", "2", made, "f" * 64) == kept_hash(tmp_path, "n", "2") == "f" * 64
    assert kept_hash(tmp_path, "n", "3") == ""
    copy = copy_of(tmp_path, "n", "1")
    vouch(copy, "n", "1", folder_hash(made))
    (copy / "a").write_bytes(b"y")
    with pytest.raises(WrongModel, match=r"the files of n 1 in .* were changed since they were registered"):
        vouch(copy, "n", "1", folder_hash(made))
    with pytest.raises(NotThere, match="has no copy of version 3 of n"):
        copy_of(tmp_path, "n", "3")


@pytest.mark.parametrize(
    "content",
    [
        b'{"n": {"version": "1", "run',
        b"[]",
        b"7",
        b'{"n": {"version": "1"}}',
        b'{"n": []}',
        b'{"n": {"version": 1, "run_id": "r", "sha256": "s"}}',
        b'{"n": {"version": "1", "run_id": "r", "sha256": null}}',
        b"\xff",
        b"",
    ],
)
def test_a_damaged_record_of_service_says_what_to_do(tmp_path: Path, content: bytes) -> None:
    """Cut off, of another form, or without what it must hold: one message that names the file."""
    file = models_folder(tmp_path) / "current.json"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    with pytest.raises(DamagedFile, match=r"current\.json is damaged .* Put it back from a copy of the home"):
        in_service(tmp_path)


def test_what_a_later_lanewise_adds_is_passed_over(tmp_path: Path) -> None:
    """A key that this one does not know is no damage."""
    put_in_service(tmp_path, {"n": InService("1", "r", "s")})
    file = models_folder(tmp_path) / "current.json"
    file.write_text(file.read_text().replace('"run_id"', '"seen": "x", "run_id"'))
    assert in_service(tmp_path) == {"n": InService("1", "r", "s")}
