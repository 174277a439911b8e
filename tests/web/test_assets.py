"""What comes from elsewhere is what was taken, with its licence."""

import re
from hashlib import sha256
from pathlib import Path

import pytest

from web.labels import KINDS

ROOT = Path(__file__).parents[2]
VENDOR = ROOT / "web/static/vendor"
TAKEN = (VENDOR, ROOT / "tests/browser/axe")


@pytest.mark.parametrize("folder", TAKEN, ids=lambda folder: folder.name)
def test_vendored_files_are_unchanged_and_all_are_listed(folder):
    listed = dict(
        reversed(line.split(maxsplit=1))
        for line in (folder / "hashes.txt").read_text().splitlines()
    )
    files = {
        str(file.relative_to(folder)): sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file() and file.name != "hashes.txt"
    }
    assert files == listed


def test_every_vendored_package_brings_its_licence():
    for package in (TAKEN[1], *(each for each in VENDOR.iterdir() if each.is_dir())):
        assert list(package.glob("LICENSE*"))


def test_the_stylesheets_load_nothing_from_elsewhere():
    for file in (ROOT / "web/static").rglob("*.css"):
        for address in re.findall(r"url\(([^)]*)\)", file.read_text()):
            local = address.strip("\"'")
            assert local.startswith(("data:", "#"))


def test_every_kind_of_the_catalogue_has_a_word(context):
    content = context.content()
    kinds = {each.kind for each in content.catalogue.resources()}
    assert kinds - set(KINDS) == set()
