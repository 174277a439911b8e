"""Every kind of mail in both languages, word for word as in tests/golden/mails.

After a change that is meant: `pytest tests/jobs/test_golden_mails.py --rewrite-golden`, and read
what `git diff tests/golden` says.
"""

from collections.abc import Callable

import pytest

from testbed.jobs import letters
from testbed.service import notices
from testbed.service.context import Context
from testbed.service.invitations import LANGUAGES
from testbed.service.outbox import Mail
from tests.conftest import GOLDEN
from tests.jobs.samples import SAMPLES, sample

KINDS = sorted({*notices.MAILED, *notices.WRITTEN_DIRECTLY})
SITE = "https://testbeds.example"


def test_every_kind_reads_word_for_word_as_agreed_in_both_languages(
    ctx: Context, golden: Callable[[str, str], None]
) -> None:
    wrong = []
    for kind in KINDS:
        for language in LANGUAGES:
            mail = Mail("k", kind, "reader@example.org", language, sample(kind))
            letter = letters.written(ctx, mail, SITE)
            try:
                golden(f"mails/{language}/{kind}.txt", f"{letter.subject}\n\n{letter.body}")
            except AssertionError as error:
                wrong.append(f"{language} {kind}: {error}")
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_golden_mail_and_no_sample_is_left_over(language: str) -> None:
    assert sorted(file.stem for file in (GOLDEN / "mails" / language).iterdir()) == KINDS
    assert SAMPLES.keys() <= set(KINDS)
