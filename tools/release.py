"""Put what is worth keeping into ``_build/release``, with checksums. Run by ``make release``.

The source as committed, the wheel, the pages, the PDF, figures as SVG, notebooks for a class, and
``SHA256SUMS``. Archives hold files in order and with the date of the commit: the same commit on
the same machine gives the same bytes, but for the PDF, in which the browser writes its own date.
"""

import hashlib
import shutil
import subprocess
import sys
import tomllib
import zipfile
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "_build"
FOLDER = BUILD / "release"
SUMS = "SHA256SUMS"
# What is packed, by what its archive is called.
FOLDERS = {"book": BUILD / "html", "figures": BUILD / "html" / "figures", "class": BUILD / "class"}


def git(*arguments: str) -> str:
    """Return what git prints."""
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def name() -> str:
    """Return what the files are called, with the version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return f"{project['name']}-{project['version']}"


def packed(source: Path, target: Path, date: datetime) -> None:
    """Write a folder into a zip file, below a folder of the archive's name."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(p for p in source.rglob("*") if p.is_file()):
            inside = f"{target.stem}/{path.relative_to(source).as_posix()}"
            entry = zipfile.ZipInfo(inside, date.timetuple()[:6])
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, path.read_bytes())


def checksums(folder: Path) -> str:
    """Return a line for each file, as sha256sum writes and checks them."""
    files = sorted(path for path in folder.iterdir() if path.name != SUMS)
    return "".join(f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in files)


def fill(folder: Path, title: str) -> None:
    """Write all files of a release into an empty folder."""
    date = datetime.fromtimestamp(int(git("log", "-1", "--format=%ct")), UTC)
    archive = folder / f"{title}-source.tar.gz"
    git("archive", f"--prefix={title}/", "--format=tar.gz", f"--output={archive}", "HEAD")
    wheel = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*wheel, "--wheel-dir", str(folder), str(ROOT)], check=True)
    for what, source in FOLDERS.items():
        if not source.is_dir():
            sys.exit(f"error: {source.relative_to(ROOT)} is missing: run make release")
        packed(source, folder / f"{title}-{what}.zip", date)
    shutil.copyfile(BUILD / "qxai.pdf", folder / f"{title}.pdf")
    (folder / SUMS).write_text(checksums(folder), encoding="utf-8")


def main() -> None:
    """Make the folder anew, under its name only once it is complete."""
    if git("status", "--porcelain"):
        sys.exit("error: there are changes that are not committed: commit or remove them first")
    partial = FOLDER.with_name("release.tmp")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    fill(partial, name())
    shutil.rmtree(FOLDER, ignore_errors=True)
    partial.rename(FOLDER)
    print((FOLDER / SUMS).read_text(encoding="utf-8"), end="")


if __name__ == "__main__":
    main()
