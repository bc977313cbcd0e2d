"""Files and names from anywhere: read, or refused with a documented error, and in bounds."""

import io
import multiprocessing
import os
import random
import stat
import subprocess
import sys
import threading
import time
import warnings
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qxai
from qxai import datasets
from tests.project import ROOT, module

fuzz = module(ROOT / "tools" / "fuzz.py")
# A spawned process would import everything anew; these only write files.
FORK = multiprocessing.get_context("fork")


def attribution(rows=3, value=1.0):
    return qxai.Attribution(
        values=np.full((rows, 2), value),
        output=np.full(rows, 2 * value),
        baseline_output=np.zeros(rows),
        method="m",
        evaluations=5,
    )


def arrays(**changes):
    valid = {
        "format": 1,
        "method": "m",
        "counts": np.array([5, 0]),
        "values": np.ones((3, 2)),
        "output": np.full(3, 2.0),
        "baseline_output": np.zeros(3),
    }
    return {name: array for name, array in (valid | changes).items() if array is not None}


# Attributions in files


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"values": np.full((3, 2), "a")}, "values: expected real numbers .*found dtype <U1"),
        ({"values": np.ones((3, 2), complex)}, "values: .*found dtype complex128"),
        ({"output": np.zeros(3, "M8[s]")}, "output: .*found dtype datetime64"),
        ({"values": np.zeros((3, 2), "f8,i4")}, "values: .*found dtype"),
        ({"values": np.zeros((3, 2), bool)}, "values: .*found dtype bool"),
        ({"values": np.zeros((3, 2), np.longdouble)}, "values: .*found dtype float128"),
        ({"values": np.zeros((3, 2), object)}, "values: .*found dtype object"),
        ({"values": np.full((3, 2), np.nan)}, "values: expected finite numbers"),
        ({"output": np.full(3, np.inf)}, "output: expected finite numbers"),
        ({"baseline_output": np.full(3, np.inf)}, "baseline_output: expected finite numbers"),
        ({"standard_error": np.full((3, 2), -1.0)}, "standard_error: expected numbers of at least"),
        ({"standard_error": np.ones(3)}, r"standard_error: expected shape \(3, 2\)"),
        ({"values": np.ones(3)}, r"expected shapes \(N, d\)"),
        ({"output": np.ones((3, 1))}, r"expected shapes \(N, d\)"),
        ({"counts": np.array([-1, 0])}, "counts: expected whole numbers from 0, found -1"),
        ({"counts": np.array([0.5, 0])}, "counts: expected whole numbers, found dtype float64"),
        ({"counts": np.array([1, 2, 3])}, r"counts: expected shape \(2,\), found \(3,\)"),
        ({"counts": np.array([2**64 - 1, 0], np.uint64)}, "counts: expected whole numbers from 0"),
        ({"method": np.array(3)}, "method: expected a text, found dtype int64"),
        ({"method": np.array(["a", "b"])}, r"method: expected shape \(\), found \(2,\)"),
        ({"method": "m" * 10_001}, "method: expected at most 10000 characters"),
        ({"format": 3}, "expected format 1 or 2, found 3; update qxai"),
        ({"format": np.array([1])}, r"format: expected shape \(\)"),
        ({"counts": None}, "found no counts in it"),
    ],
)
def test_only_an_attribution_is_loaded(tmp_path, changes, message):
    path = tmp_path / "one.npz"
    np.savez(path, **arrays(**changes))
    with pytest.raises(ValueError, match=f"(?s)path: expected a file written by.*{message}"):
        qxai.load(path)


@pytest.mark.parametrize("dtype", ["<f4", ">f8", "<i4", "<u8", "<f2"])
def test_real_numbers_of_other_kinds_become_float64(tmp_path, dtype):
    path = tmp_path / "one.npz"
    np.savez(path, **arrays(values=np.array([[1, 2], [3, 4], [5, 6]], dtype, order="F")))
    found = qxai.load(path).values
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, [[1, 2], [3, 4], [5, 6]])


def test_an_attribution_without_baseline_comes_back(tmp_path):
    missing = np.full(3, np.nan)
    np.savez(tmp_path / "one.npz", **arrays(baseline_output=missing))
    np.testing.assert_array_equal(qxai.load(tmp_path / "one.npz").baseline_output, missing)


def npy(array):
    content = io.BytesIO()
    np.save(content, array)
    return content.getvalue()


def header(shape, dtype="<f8"):
    text = repr({"descr": dtype, "fortran_order": False, "shape": shape}).encode() + b"\n"
    return b"\x93NUMPY\1\0" + len(text).to_bytes(2, "little") + text


def archived(path, members, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)


def members(**changes):
    return {name: npy(array) for name, array in arrays().items()} | changes


def loaded_in_little_memory(*paths):
    """Return what a process says that has 64 MiB to spare."""
    code = (
        "import sys, resource, qxai\n"
        "limit = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (limit + 2**26, limit + 2**26))\n"
        "for path in sys.argv[1:]:\n"
        "    try: print(qxai.load(path).values.shape)\n"
        "    except ValueError as error: print('ValueError', error)\n"
    )
    command = [sys.executable, "-c", code, *map(str, paths)]
    found = subprocess.run(command, capture_output=True, text=True)
    return (found.stdout + found.stderr[-500:]).splitlines()


def with_zeros(path, name):
    """Write an archive in which 256 MiB of zeros, 0.25 MiB in the file, follow one member."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in ({name: b""} | members()).items():
            with archive.open(f"{member}.npy", "w", force_zip64=True) as file:
                file.write(content)
                for _ in range(256 * (member == name)):
                    file.write(bytes(2**20))
    assert path.stat().st_size < 2**20
    return path


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_is_not_needed_is_not_unpacked(tmp_path):
    unused = with_zeros(tmp_path / "one.npz", "unused")
    behind = with_zeros(tmp_path / "two.npz", "values")
    of_unused, of_behind = loaded_in_little_memory(unused, behind)
    assert of_unused == "(3, 2)"
    assert f"values: expected 48 bytes of numbers, found {2**28 + 48}" in of_behind


def test_sizes_are_checked_before_anything_is_read(tmp_path, monkeypatch):
    path = tmp_path / "one.npz"
    for shape in [(10**6, 10**6), (2**30, 2), (10**400, 1), (-1, 2)]:
        archived(path, members(values=header(shape)))
        with pytest.raises(ValueError, match="values: expected arrays of at most 1073741824 bytes"):
            qxai.load(path)
    archived(path, members(values=header((3, 2), "<f4") + bytes(24)))
    assert qxai.load(path).values.dtype == np.float64
    # All arrays together: those of 8 and 16 kB fit one by one.
    wide = {"values": np.ones((1000, 2)), "output": np.ones(1000), "baseline_output": np.ones(1000)}
    np.savez_compressed(path, **arrays(**wide))
    monkeypatch.setattr(qxai.results, "LIMIT", 20_000)
    with pytest.raises(ValueError, match="output: expected arrays of at most 20000 bytes"):
        qxai.load(path)
    monkeypatch.setattr(qxai.results, "LIMIT", 500)
    with pytest.raises(ValueError, match="bytes, more than 500"):
        qxai.load(path)


def test_a_directory_of_many_entries_is_not_read(tmp_path):
    path = tmp_path / "one.npz"
    archived(path, members() | {f"{'x' * 200}{i}": b"" for i in range(8000)})
    with pytest.raises(ValueError, match="more bytes than its arrays could need"):
        qxai.load(path)


def test_a_directory_that_lies_is_noticed(tmp_path):
    """The size in the directory says less, or more, than there is."""
    path = tmp_path / "one.npz"
    archived(path, members(), zipfile.ZIP_STORED)
    whole = path.read_bytes()
    entry = whole.rindex(b"values.npy") - 46
    for size in (0, 1, 100, 175, 177, 2**20, 2**31, 2**32 - 2):
        path.write_bytes(whole[: entry + 24] + size.to_bytes(4, "little") + whole[entry + 28 :])
        with pytest.raises(ValueError, match=r"path: expected a file written by qxai\.save"):
            qxai.load(path)
    for place, changed in ((8, b"\1\0"), (10, b"\x0c\0"), (10, b"\x0e\0"), (10, b"\x63\0")):
        path.write_bytes(whole[: entry + place] + changed + whole[entry + place + 2 :])
        with pytest.raises(ValueError, match="values: expected a member that is stored or defl"):
            qxai.load(path)


@pytest.mark.parametrize(
    "text", ["(" * 5000, "{'descr': " + "[" * 300, "'''", "{'a'", "9" * 5000, "\\N{", "\0", "1 1L"]
)
def test_headers_that_are_no_python_are_refused(tmp_path, text):
    start = b"\x93NUMPY\1\0" + len(text).to_bytes(2, "little") + text.encode()
    archived(tmp_path / "one.npz", members(values=start))
    with pytest.raises(ValueError, match=r"path: expected a file written by qxai\.save"):
        qxai.load(tmp_path / "one.npz")


def test_a_header_of_python_2_is_read_without_a_warning(tmp_path):
    """Found by the fuzzer: NumPy parses ``3L`` after all, and warns."""
    values = np.arange(6.0).reshape(3, 2)
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (3L, 2L), }\n"
    start = b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header
    archived(tmp_path / "one.npz", members(values=start + values.tobytes()))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(qxai.load(tmp_path / "one.npz").values, values)


def test_only_files_are_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path / "pipe", tmp_path, "/dev/zero"):
        with pytest.raises(ValueError, match="a folder, a pipe or a device"):
            qxai.load(place)
    with pytest.raises(ValueError, match="path: expected a file"):
        qxai.load("a\0b")
    with pytest.raises(FileNotFoundError):
        qxai.load(tmp_path / "none.npz")
    with pytest.raises(TypeError):
        qxai.load(3)


@pytest.mark.parametrize(
    "changes",
    [
        {"values": np.full((3, 2), np.nan)},
        {"standard_error": np.full((3, 2), -1.0)},
        {"evaluations": 2**70},
        {"evaluations": -1},
        {"method": "m" * 20_000},
    ],
)
def test_what_could_not_be_loaded_is_not_saved(tmp_path, changes):
    good = vars(attribution())
    with pytest.raises(ValueError, match="attribution: expected one that can be read again"):
        qxai.save(qxai.Attribution(**(good | changes)), tmp_path / "one.npz")
    assert not list(tmp_path.iterdir())


# Writers


def save_often(path, value, times):
    for _ in range(times):
        qxai.save(attribution(20_000, value), path)


def test_writers_of_one_file_all_succeed_and_one_of_them_wins_whole(tmp_path):
    path = tmp_path / "one.npz"
    writers = [FORK.Process(target=save_often, args=(path, v, 8)) for v in (1.0, 2.0, 3.0)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    found = qxai.load(path)
    assert found.values.min() == found.values.max() == found.output[0] / 2
    assert [p.name for p in tmp_path.iterdir()] == ["one.npz"]


def test_a_planted_link_is_not_followed(tmp_path, monkeypatch):
    """Neither a link of a name that could be guessed, nor one of the name that is drawn."""
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "one.npz.tmp").symlink_to(victim)
    (tmp_path / "one.npz").symlink_to(victim)
    qxai.save(attribution(), tmp_path / "one.npz")
    assert victim.read_text() == "precious"
    assert not (tmp_path / "one.npz").is_symlink()
    monkeypatch.setattr(qxai.files.secrets, "token_hex", lambda size: "guessed")
    (tmp_path / ".guessed.tmp").symlink_to(victim)
    with pytest.raises(FileExistsError):
        qxai.save(attribution(), tmp_path / "one.npz")
    assert victim.read_text() == "precious"


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_permissions_are_those_of_any_new_file(tmp_path, mask):
    before = os.umask(mask)
    try:
        qxai.save(attribution(), tmp_path / "one.npz")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "one.npz").stat().st_mode) == 0o666 & ~mask


def test_a_name_as_long_as_the_system_allows_can_be_saved(tmp_path):
    path = tmp_path / ("x" * 251 + ".npz")
    qxai.save(attribution(), path)
    assert qxai.load(path).evaluations == 5


# The verified folder


@pytest.fixture
def data(tmp_path, monkeypatch):
    folder = fuzz.prepared(tmp_path)
    monkeypatch.setenv("QXAI_DATA", str(folder))
    return folder


def write_often(number):
    for i in range(8):
        datasets.write_data(f"{number}-{i}.txt", b"content")


def test_no_writer_loses_anothers_line(data):
    writers = [FORK.Process(target=write_often, args=(number,)) for number in range(3)]
    threads = [threading.Thread(target=write_often, args=(3 + n,)) for n in range(3)]
    for one in writers + threads:
        one.start()
    for one in writers + threads:
        one.join()
    names = [f"{number}-{i}.txt" for number in range(6) for i in range(8)]
    assert [datasets.read_data(name) for name in names] == [b"content"] * 48
    assert len((data / "SHA256SUMS").read_text().splitlines()) == 48


OUTSIDE = ["../secret", "/etc/hostname", "folder/../../secret", "", ".", "..", ".hidden", "link"]
OUTSIDE += ["a  b", "a\nb", "a\0b", "a b", "folder/", "/", "~", "loop", "sha256sums", "SHA256SUMS"]


@pytest.mark.parametrize("name", OUTSIDE)
def test_names_that_leave_the_folder_are_refused(data, name):
    before = sorted(p.name for p in data.parent.rglob("*"))
    for use in (datasets.read_data, datasets.read_parameters):
        with pytest.raises(ValueError, match="name: expected a name inside data/"):
            use(name)
    with pytest.raises(ValueError, match="name: expected a name inside data/"):
        datasets.write_data(name, b"new")
    assert (data.parent / "secret").read_bytes() == b"secret"
    assert sorted(p.name for p in data.parent.rglob("*")) == before


@pytest.mark.parametrize("name", ["folder/one.json", "a.b-c_d", "é.txt", "folder/a/b"])
def test_names_inside_the_folder_are_not(data, name):
    (data / name).parent.mkdir(exist_ok=True)
    datasets.write_data(name, b"new")
    assert datasets.read_data(name) == b"new"


DIGEST = "0" * 64


@pytest.mark.parametrize(
    "line",
    ["", "text", f"{DIGEST} one", f"{DIGEST}  ../secret", f"{DIGEST}  /etc/x", f"{DIGEST[1:]}  one"]
    + [f"{DIGEST}  a b", f"{DIGEST.replace('0', 'A')}  one", f"{DIGEST}  ok", f"{DIGEST}  "],
)
def test_a_malformed_line_is_named_and_nothing_is_written(data, line):
    content = f"{DIGEST}  ok\n{line}\n"
    (data / "SHA256SUMS").write_text(content)
    for use in (lambda: datasets.read_data("one"), lambda: datasets.write_data("one", b"new")):
        with pytest.raises(ValueError, match="SHA256SUMS, line 2: expected 64 hexadecimal digits"):
            use()
    assert (data / "SHA256SUMS").read_text() == content
    assert not (data / "one").exists()
    # The remedy.
    (data / "SHA256SUMS").write_text(f"{DIGEST}  ok\n")
    datasets.write_data("one", b"new")
    assert datasets.read_data("one") == b"new"


def test_sums_that_are_no_text_are_refused(data, monkeypatch):
    (data / "SHA256SUMS").write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match="SHA256SUMS: expected lines of text"):
        datasets.read_data("one")
    (data / "SHA256SUMS").write_text(f"{DIGEST} *one\r\n")  # as sha256sum -b writes on Windows
    (data / "one").write_bytes(b"")
    with pytest.raises(ValueError, match=f"one: expected sha256 {DIGEST}"):
        datasets.read_data("one")
    monkeypatch.setattr(datasets.storage, "MOST_SUMS", 10)
    with pytest.raises(ValueError, match=r"SHA256SUMS: .*more than 10 bytes"):
        datasets.read_data("one")


def test_only_files_of_bounded_size_are_read(data, monkeypatch):
    for name in ("pipe", "folder"):
        with pytest.raises(ValueError, match=f"{name}: expected a file of at most 1 GiB"):
            datasets.read_data(name)
    datasets.write_data("one", b"12345")
    monkeypatch.setattr(datasets.storage, "LIMIT", 4)
    with pytest.raises(ValueError, match=r"one: expected a file .* more than 4 bytes"):
        datasets.read_data("one")


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "3", '{"parameters": 3}', '{"parameters": {"a": [[1], [1, 2]]}}', "\0", "null"]
    + ['{"parameters": {"a": [["1.5"]]}}', '{"parameters": {"a": [[null]]}}']
    + ['{"parameters": {"a": [[NaN]]}}', '{"parameters": {"a": [[1e999]]}}']
    + ['{"parameters": {"a": 1}}', '{"parameters": {"a": [1]}}', '{"parameters": ' + "[" * 10**5]
    + ['{"parameters": {"a": [[1' + "0" * 400 + "]]}}", '{"parameters": {"a": [[' + "1" * 5000]
    + ['{"parameters": {"a": [[{}]]}}', '{"a": 1}'],
    ids=lambda c: c[:30],
)
def test_parameters_that_are_none_are_refused_by_file(data, content):
    datasets.write_data("one.json", content.encode())
    with pytest.raises(ValueError, match=r"^one\.json: expected JSON with tables.*make data"):
        datasets.read_parameters("one.json")


# All readers


@pytest.mark.parametrize("name", fuzz.READERS)
def test_broken_input_is_read_or_refused_as_documented(data, name):
    """Hypothesis draws; the script in tools/ does the same a hundred thousand times."""
    outcomes = set()

    @settings(max_examples=150)
    @given(st.randoms(use_true_random=True))
    def one(rng):
        before = time.process_time()
        outcomes.add(fuzz.outcome(name, random.Random(rng.getrandbits(64)), data))
        assert time.process_time() - before < fuzz.SLOW

    one()
    assert {"read", "ValueError"} <= outcomes
