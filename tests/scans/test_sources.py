from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocrpipe.errors import NoInputError
from ocrpipe.scans.sources import find


def tree(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def names(*sources: str | Path) -> list[str]:
    return [file.name for file in find([str(source) for source in sources]).files]


def test_a_folder_is_read_to_its_depth_and_sorted(tmp_path: Path) -> None:
    tree(tmp_path, "b.png", "a/z.TIF", "a/b/c.pdf", "c.jpeg")
    assert names(tmp_path) == ["a/b/c.pdf", "a/z.TIF", "b.png", "c.jpeg"]


def test_other_files_are_counted_by_suffix(tmp_path: Path) -> None:
    tree(tmp_path, "a.png", "b.txt", "c.TXT", "README")
    found = find([str(tmp_path)])
    assert found.skipped == {"": 1, ".txt": 2}
    assert len(found.files) == 1


def test_hidden_entries_are_skipped(tmp_path: Path) -> None:
    tree(tmp_path, "a.png", ".b.png", ".git/c.png")
    assert names(tmp_path) == ["a.png"]


def test_links_that_loop_end(tmp_path: Path) -> None:
    tree(tmp_path, "a/b/c.png")
    (tmp_path / "a/b/up").symlink_to(tmp_path / "a")
    (tmp_path / "self").symlink_to(tmp_path / "self")
    (tmp_path / "self.png").symlink_to(tmp_path / "self.png")
    assert names(tmp_path) == ["a/b/c.png", "self.png"]


def test_a_folder_reached_by_a_link_is_read_once(tmp_path: Path) -> None:
    tree(tmp_path, "real/c.png")
    (tmp_path / "again").symlink_to(tmp_path / "real")
    assert names(tmp_path) == ["real/c.png"]


def test_two_links_to_one_file_are_two_scans(tmp_path: Path) -> None:
    tree(tmp_path, "store/x.png", "in/keep.png")
    for name in ("one.png", "two.png"):
        (tmp_path / "in" / name).symlink_to(tmp_path / "store/x.png")
    assert names(tmp_path / "in") == ["keep.png", "one.png", "two.png"]


def test_a_file_and_a_glob(tmp_path: Path) -> None:
    tree(tmp_path, "s/a1.png", "s/a2.png", "s/b.png", "s/d/a3.png", "s/a4.txt", "s/odd.dat")
    assert names(tmp_path / "s/b.png") == ["b.png"]
    assert names(tmp_path / "s/odd.dat") == ["odd.dat"]
    assert names(tmp_path / "s/a*") == ["a1.png", "a2.png"]
    assert names(tmp_path / "s/**/a*.png") == ["a1.png", "a2.png", "d/a3.png"]
    assert names(tmp_path / "s/*") == ["a1.png", "a2.png", "b.png", "d/a3.png"]


def test_a_name_with_brackets_is_a_file_before_it_is_a_glob(tmp_path: Path) -> None:
    tree(tmp_path, "scan[1].png", "scan1.png")
    assert names(tmp_path / "scan[1].png") == ["scan[1].png"]


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    tree(tmp_path, "s/a.png")
    assert names(tmp_path / "s", tmp_path / "s/a.png", tmp_path / "s/../s/*.png") == ["a.png"]


def test_names_that_collide_become_relative_to_the_common_folder(tmp_path: Path) -> None:
    tree(tmp_path, "mon/1.png", "tue/1.png", "tue/2.png")
    assert names(tmp_path / "mon", tmp_path / "tue") == ["mon/1.png", "tue/1.png", "tue/2.png"]
    assert names(tmp_path / "tue/2.png", tmp_path / "mon") == ["1.png", "2.png"]


def test_odd_names_survive(tmp_path: Path) -> None:
    tree(tmp_path, "two words.png", "new\nline.png", "dollar $ € 文.png")
    with open(os.fsencode(tmp_path) + b"/caf\xe9.png", "wb"):  # noqa: PTH123
        pass
    found = find([str(tmp_path)])
    assert [file.name for file in found.files] == [
        "caf%E9.png",
        "dollar $ € 文.png",
        "new\nline.png",
        "two words.png",
    ]
    assert all(file.path.exists() for file in found.files)


def test_an_encoded_name_stays_apart_from_a_literal_one(tmp_path: Path) -> None:
    tree(tmp_path, "a%FF.png")
    with open(os.fsencode(tmp_path) + b"/a\xff.png", "wb"):  # noqa: PTH123
        pass
    assert names(tmp_path) == ["a%25FF.png", "a%FF.png"]


def test_a_folder_that_cannot_be_listed_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "a.png", "locked/b.png")
    listed = os.scandir

    def scandir(path: str) -> Iterator[os.DirEntry[str]]:
        if path.endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = find([str(tmp_path)])
    assert [file.name for file in found.files] == ["a.png"]
    (trouble,) = found.unreadable
    assert trouble.source == "locked/"
    assert (trouble.failure.stage, trouble.failure.reason) == ("find", "unreadable")
    assert "Permission denied" in trouble.failure.detail
    assert [bad.source for bad in find([str(tmp_path / "locked")]).unreadable] == ["locked/"]


def test_nothing_found_says_what_was_there_instead(tmp_path: Path) -> None:
    tree(tmp_path, "a.docx", "b.docx")
    with pytest.raises(NoInputError, match=r"2 × \.docx"):
        find([str(tmp_path)])
    with pytest.raises(NoInputError, match="no such file"):
        find([str(tmp_path / "missing")])
    with pytest.raises(NoInputError):
        find([str(tmp_path / "*.png")])
    with pytest.raises(NoInputError):
        find([])
