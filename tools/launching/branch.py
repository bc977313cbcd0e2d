"""A branch with the copies in it, made without touching the work tree."""

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

IDENTITY = ("AUTHOR_NAME", "AUTHOR_EMAIL", "AUTHOR_DATE")


def git(root: Path, *arguments: str, stdin: str | None = None, **environment: str) -> str:
    """Run git in a repository and return what it prints."""
    command = ["git", "-C", str(root), *arguments]
    result = subprocess.run(
        command, input=stdin, env={**os.environ, **environment}, capture_output=True, text=True
    )
    if result.returncode:
        raise RuntimeError(f"git {arguments[0]} failed: {result.stderr.strip()}")
    return result.stdout.strip()


def make(root: Path, copies: Mapping[str, str], name: str) -> str:
    """Let a branch be one commit: ``HEAD`` with the copies as ``book/``. Return its hash."""
    refuse(root, name)
    head = git(root, "rev-parse", "HEAD")
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        git(root, "read-tree", head, **index)
        git(root, "rm", "-r", "--quiet", "--cached", "book", **index)
        for file, text in copies.items():
            blob = git(root, "hash-object", "-w", "--stdin", stdin=text)
            git(root, "update-index", "--add", "--cacheinfo", f"100644,{blob},book/{file}", **index)
        tree = git(root, "write-tree", **index)
    signed = git(root, "log", "-1", "--format=%an%n%ae%n%aI", head).split("\n")
    identity = {f"GIT_{key}": value for key, value in zip(IDENTITY, signed)}
    identity |= {key.replace("AUTHOR", "COMMITTER"): value for key, value in identity.items()}
    message = f"The book's notebooks with outputs, made from {head}"
    commit = git(root, "commit-tree", tree, "-m", message, **identity)
    git(root, "update-ref", f"refs/heads/{name}", commit)
    return commit


def refuse(root: Path, name: str) -> None:
    """Stop before a branch that somebody works on would move, or would not be what it says."""
    if f"branch refs/heads/{name}\n" in git(root, "worktree", "list", "--porcelain") + "\n":
        raise RuntimeError(
            f"branch {name!r}: expected one that no work tree has checked out, found that one has; "
            "switch that work tree to another branch, or delete the branch"
        )
    if changed := git(root, "status", "--porcelain", "--untracked-files=no", "--", "book"):
        raise RuntimeError(
            f"book/: expected the committed notebooks, found changes:\n{changed}\ncommit them first"
        )
