"""The button that opens a chapter on Binder."""

import subprocess

import pytest

from tests.project import ROOT, module


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://github.com/a/b.git", "https://github.com/a/b"),
        ("https://user:secret@github.com/a/b", "https://github.com/a/b"),
        ("git@github.com:a/b.git", "https://github.com/a/b"),
        ("ssh://git@host.example:22/a/b", "https://host.example/a/b"),
        ("/some/folder", None),
        ("file:///some/folder", None),
        ("", None),
    ],
)
def test_the_remote_becomes_an_address_without_credentials(remote, address):
    launch = module(ROOT / "book/_ext/qxai_launch.py")
    assert launch.https_address(remote) == address


@pytest.mark.parametrize(
    ("address", "repository"),
    [
        ("https://github.com/a/b", "gh/a/b"),
        ("https://gitlab.com/a/b/c", "gl/a%2Fb%2Fc"),
        ("https://host.example/a/b", "git/https%3A%2F%2Fhost.example%2Fa%2Fb"),
    ],
)
def test_the_link_opens_the_chapter_in_jupyterlab(address, repository):
    launch = module(ROOT / "book/_ext/qxai_launch.py")
    link = launch.binder_link(address, "1234", "book/why-explain.ipynb")
    assert link == (
        f"https://mybinder.org/v2/{repository}/1234?urlpath=lab%2Ftree%2Fbook%2Fwhy-explain.ipynb"
    )


def test_a_remote_is_read_at_build_time(tmp_path):
    launch = module(ROOT / "book/_ext/qxai_launch.py")
    assert launch.remote_address(tmp_path) is None
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    assert launch.remote_address(tmp_path) is None
    remote = ["remote", "add", "origin", "git@github.com:fork/qxai.git"]
    subprocess.run(["git", "-C", str(tmp_path), *remote], check=True)
    assert launch.remote_address(tmp_path) == "https://github.com/fork/qxai"


def test_binder_opens_the_branch_with_copies_or_the_commit_that_was_built(tmp_path):
    launch = module(ROOT / "book/_ext/qxai_launch.py")

    def git(*arguments):
        signed = ["-c", "user.name=a", "-c", "user.email=a@host.example"]
        subprocess.run(["git", "-C", str(tmp_path), *signed, *arguments], check=True)

    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "built")
    assert launch.launched(tmp_path) == ("HEAD", "_build/launch/book")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    commit = launch.git(tmp_path, "rev-parse", "HEAD")
    assert launch.launched(tmp_path) == (commit, "_build/launch/book")
    git("commit", "-q", "--allow-empty", "-m", "not pushed")
    assert launch.launched(tmp_path) == ("HEAD", "_build/launch/book")
    git("update-ref", "refs/remotes/origin/launch", "HEAD")
    assert launch.launched(tmp_path) == ("launch", "book")
