"""The folder of launch copies: what is a reader's own there stays."""

from pathlib import Path

import pytest

from tests.launched import LAUNCH


def test_changed_copies_and_files_of_ones_own_are_kept(tmp_path):
    folder = tmp_path / "book"
    assert LAUNCH.write(folder, {"a.ipynb": "1", "b.ipynb": "1"}) == []
    (folder / "a.ipynb").write_text("mine")
    (folder / "notes").mkdir()
    (folder / "notes" / "c.txt").write_text("mine too")
    assert LAUNCH.write(folder, {"a.ipynb": "2", "b.ipynb": "2"}) == ["a.ipynb", "notes/c.txt"]
    assert (folder / "a.ipynb").read_text() == "mine"
    assert (folder / "b.ipynb").read_text() == "2"
    assert (folder / "notes/c.txt").read_text() == "mine too"
    (folder / "a.ipynb").unlink()
    assert LAUNCH.write(folder, {"a.ipynb": "3"}) == ["notes/c.txt"]
    assert (folder / "a.ipynb").read_text() == "3"
    assert not (folder / "b.ipynb").exists()


def test_what_a_run_left_elsewhere_when_it_ended_is_put_back(tmp_path):
    folder = tmp_path / "book"
    LAUNCH.write(folder, {"a.ipynb": "1", "b.ipynb": "1"})
    (folder / "a.ipynb").write_text("mine")
    (folder / "sub").mkdir()
    (folder / "sub" / "c.txt").write_text("mine too")
    folder.rename(tmp_path / "book.old")
    assert LAUNCH.write(folder, {"a.ipynb": "2", "b.ipynb": "2"}) == ["a.ipynb", "sub/c.txt"]
    assert contents(folder) == {"a.ipynb": "mine", "b.ipynb": "2", "sub/c.txt": "mine too"}
    (tmp_path / "book.old").mkdir()
    (tmp_path / "book.old" / "d.txt").write_text("mine as well")
    LAUNCH.write(folder, {"a.ipynb": "3"})
    assert (tmp_path / "book.old" / "d.txt").read_text() == "mine as well"


def contents(folder):
    """Read every file below a folder."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_text() for path in paths}


def test_a_run_that_ends_anywhere_leaves_nothing_that_looks_changed(tmp_path, monkeypatch):
    names = ("a.ipynb", "b.ipynb", "c.ipynb")
    texts = [{name: str(i) for name in names[: 3 - i % 2]} for i in range(3)]
    for last in range(8):
        folder = tmp_path / str(last) / "book"
        LAUNCH.write(folder, texts[0])
        (folder / "b.ipynb").write_text("mine")
        with monkeypatch.context() as patch:
            ended = end_after(last, patch)
            try:
                LAUNCH.write(folder, texts[1])
            except KeyboardInterrupt:
                assert ended
        assert LAUNCH.write(folder, texts[2]) == ["b.ipynb"]
        assert contents(folder) == texts[2] | {"b.ipynb": "mine"}
    assert not ended  # the last run had fewer steps than that


def end_after(last, patch):
    """Let a run end before one of its steps that change files; note the step in a list."""
    steps, ended = [], []

    def counted(step):
        def stepped(*arguments, **options):
            steps.append(step)
            if len(steps) == last + 1:
                ended.append(step)
                raise KeyboardInterrupt
            return step(*arguments, **options)

        return stepped

    for name in ("replace", "rename", "unlink"):
        patch.setattr(Path, name, counted(getattr(Path, name)))
    return ended


def test_links_and_folders_that_somebody_put_there_stay_what_they_are(tmp_path):
    folder, own = tmp_path / "book", tmp_path / "own"
    LAUNCH.write(folder, {"a.ipynb": "1", "b.ipynb": "1"})
    own.mkdir()
    (own / "a.ipynb").write_text("1")
    (folder / "data").symlink_to(own)
    (folder / "nowhere").symlink_to(tmp_path / "missing")
    (folder / "empty").mkdir()
    (folder / "twice").mkdir()
    (folder / "twice" / "a.ipynb").write_text("1")
    (folder / "a.ipynb").unlink()
    (folder / "a.ipynb").symlink_to(own / "a.ipynb")
    kept = LAUNCH.write(folder, {"a.ipynb": "2", "b.ipynb": "2"})
    assert kept == ["a.ipynb", "data", "nowhere", "twice/a.ipynb"]
    assert (folder / "data").readlink() == own
    assert (folder / "nowhere").readlink() == tmp_path / "missing"
    assert (folder / "empty").is_dir()
    assert (folder / "twice/a.ipynb").read_text() == "1"
    assert (folder / "a.ipynb").readlink() == own / "a.ipynb"
    assert (own / "a.ipynb").read_text() == "1"
    assert (folder / "b.ipynb").read_text() == "2"


@pytest.mark.parametrize("damage", [b'{"a.ip', b"", b"\xff", b"[]", b'{"a.ipynb": 1}', None])
def test_without_a_record_what_differs_is_kept_and_the_reader_is_told(tmp_path, capsys, damage):
    folder, record = tmp_path / "book", tmp_path / "made.json"
    LAUNCH.write(folder, {"a.ipynb": "1", "b.ipynb": "1", "c.ipynb": "same"})
    assert capsys.readouterr().out == ""
    (folder / "a.ipynb").write_text("mine")
    record.unlink() if damage is None else record.write_bytes(damage)
    texts = {"a.ipynb": "2", "b.ipynb": "2", "c.ipynb": "same"}
    assert LAUNCH.write(folder, texts) == ["a.ipynb", "b.ipynb"]
    assert contents(folder) == {"a.ipynb": "mine", "b.ipynb": "1", "c.ipynb": "same"}
    told = capsys.readouterr().out
    assert told.count("\n") == 1
    assert "made.json is missing or damaged" in told
    assert "delete those that you did not change" in told
    (folder / "b.ipynb").unlink()
    assert LAUNCH.write(folder, texts) == ["a.ipynb"]
    assert contents(folder) == texts | {"a.ipynb": "mine"}
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--help"], 0, "--downloads"),
        (["--nonsense"], 2, "unrecognized arguments: --nonsense"),
        (["--plain", "--branch"], 2, "not allowed with argument"),
        (["plain"], 2, "unrecognized arguments: plain"),
    ],
)
def test_help_and_slips_of_the_pen_make_nothing(monkeypatch, capsys, arguments, code, said):
    monkeypatch.setattr(LAUNCH, "copies", lambda *found: pytest.fail("copies were made"))
    monkeypatch.setattr("sys.argv", ["launch.py", *arguments])
    with pytest.raises(SystemExit) as stopped:
        LAUNCH.main()
    assert stopped.value.code == code
    assert said in "".join(capsys.readouterr())
