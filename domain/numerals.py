"""Chinese and full-width numerals as integers."""

DIGITS = {c: n for n, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
UNITS = {"十": 10, "百": 100}
HAN = "〇零一二三四五六七八九十百"
_ASCII = str.maketrans("０１２３４５６７８９：", "0123456789:")


def fold_digits(text: str) -> str:
    """The text with full-width digits and colons as ASCII, every character in its old place."""
    return text.translate(_ASCII)


def to_int(numeral: str) -> int | None:
    """The value of 「二十三」, 「１２」, 「12」 or 「二〇二六」 (digit by digit); None when it is no number."""
    folded = fold_digits(numeral)
    if folded.isascii():
        return int(folded) if folded.isdigit() and len(folded) < 9 else None
    if all(c in DIGITS for c in folded):
        return int("".join(str(DIGITS[c]) for c in folded)) if len(folded) < 9 else None
    total, digit = 0, 0
    for c in folded:
        if c in UNITS:
            total += (digit or 1) * UNITS[c]
            digit = 0
        elif c in DIGITS:
            digit = DIGITS[c]
        else:
            return None
    return total + digit
