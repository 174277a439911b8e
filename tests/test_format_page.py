"""The page on the files describes what the packaged files hold."""

import re
from pathlib import Path

from testbed.domain.catalogue_change import KEYS
from testbed.domain.demand import PARAMETERS
from testbed.files import read_catalogue, read_demand

PAGE = Path(__file__).parents[1] / "docs" / "catalogue-format.md"
WORDS = set(re.findall(r"[a-z0-9_]+", PAGE.read_text(encoding="utf-8")))
NAMED_BY_DATA = {"test_kind_mix", "city_weight", "odd", "requires"}  # attributes, kinds and cities


def keys_in(value):
    if isinstance(value, dict):
        for key, each in value.items():
            yield key
            if key not in NAMED_BY_DATA:
                yield from keys_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from keys_in(each)


def test_every_key_of_the_packaged_toml_files_is_described():
    documents = read_catalogue("packaged:gyeonggi") | {"demand": read_demand("packaged:gyeonggi")}
    toml = [each for name, each in documents.items() if name not in {"cities", "routes"}]
    informal = {"provenance_gc_km", "provenance_drive_min"}
    assert set(keys_in(toml)) - informal - WORDS == set()


def test_every_change_and_distribution_is_described():
    named = {key for keys in KEYS.values() for key in keys} | set(KEYS) | set(PARAMETERS)
    assert named - WORDS == set()
