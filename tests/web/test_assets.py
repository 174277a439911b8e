"""What comes from elsewhere is what was taken, with its licence."""

import re
from hashlib import sha256
from pathlib import Path

from web.labels import KINDS

ROOT = Path(__file__).parents[2]
VENDOR = ROOT / "web/static/vendor"


def test_vendored_files_are_unchanged_and_all_are_listed():
    listed = dict(
        reversed(line.split(maxsplit=1))
        for line in (VENDOR / "hashes.txt").read_text().splitlines()
    )
    files = {
        str(file.relative_to(VENDOR)): sha256(file.read_bytes()).hexdigest()
        for file in VENDOR.rglob("*")
        if file.is_file() and file.name != "hashes.txt"
    }
    assert files == listed


def test_every_vendored_package_brings_its_licence():
    for package in (each for each in VENDOR.iterdir() if each.is_dir()):
        assert list(package.glob("LICENSE*"))


def test_the_stylesheets_load_nothing_from_elsewhere():
    for file in (ROOT / "web/static").rglob("*.css"):
        for address in re.findall(r"url\(([^)]*)\)", file.read_text()):
            assert address.strip("\"'").startswith("data:")


def test_every_kind_of_the_catalogue_has_a_word(context):
    content = context.content()
    kinds = {each.kind for each in content.catalogue.resources()}
    assert kinds - set(KINDS) == set()
