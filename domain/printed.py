"""How a date is printed in an official paper.

Source: GB/T 9704-2012, 7.3.5: Arabic digits, no leading zeros (2026年3月5日).
"""

from datetime import date

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")  # fmt: skip


def printed_date(iso: str, language: str) -> str:
    """The civil date of an ISO string as the language prints it."""
    day = date.fromisoformat(iso)
    if language.startswith("zh"):
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
