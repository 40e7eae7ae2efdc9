"""Document numbers (发文字号): X督函〔2026〕3号, gap-free for each issuer, kind and year.

Source: 《党政机关公文格式》 GB/T 9704-2012, 7.2.5: the year in full in 〔 〕, the number without 第 and without
leading zeros.
"""

from enum import StrEnum

from domain.errors import InvalidInputError


class LetterKind(StrEnum):
    """The papers the engine issues, by their form (形式)."""

    REMINDER_LETTER = "reminder_letter"
    SUPERVISION_LETTER = "supervision_letter"
    RECTIFICATION_CIRCULAR = "rectification_circular"
    PROGRESS_CIRCULAR = "progress_circular"
    CLOSING_REPORT = "closing_report"


class StatutoryKind(StrEnum):
    """The statutory kind (文种) of 《党政机关公文处理工作条例》 art. 8 that a form is."""

    LETTER = "函"
    NOTICE = "通知"
    CIRCULAR = "通报"
    REPORT = "报告"


REGISTER: dict[LetterKind, str] = {
    LetterKind.REMINDER_LETTER: "督提",
    LetterKind.SUPERVISION_LETTER: "督函",
    LetterKind.RECTIFICATION_CIRCULAR: "督通",
    LetterKind.PROGRESS_CIRCULAR: "督报",
    LetterKind.CLOSING_REPORT: "督结",
}
"""The word (机关代字) behind the issuer's own mark; one register of numbers each."""

STATUTORY: dict[LetterKind, StatutoryKind] = {
    LetterKind.REMINDER_LETTER: StatutoryKind.LETTER,
    LetterKind.SUPERVISION_LETTER: StatutoryKind.LETTER,
    LetterKind.RECTIFICATION_CIRCULAR: StatutoryKind.CIRCULAR,
    LetterKind.PROGRESS_CIRCULAR: StatutoryKind.CIRCULAR,
    LetterKind.CLOSING_REPORT: StatutoryKind.REPORT,
}


def document_number(mark: str, kind: LetterKind, year: int, number: int) -> str:
    """The printed number, e.g. 云督函〔2026〕3号. `mark` is the issuer's one or two characters."""
    if number < 1:
        raise InvalidInputError("A document number begins at 1, not at %(number)s.", number=number)
    return f"{mark}{REGISTER[kind]}〔{year}〕{number}号"
