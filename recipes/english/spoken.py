"""Written English as it is spoken: lower-case letters, apostrophes and single spaces. Needs num2words (PyPI)."""

import re
import unicodedata

from num2words import num2words

WORDS = {"mr": "mister", "mrs": "missus", "ms": "miz", "dr": "doctor", "messrs": "messieurs", "vs": "versus",
         "etc": "et cetera"}
# Words whose first apostrophe is no quotation mark.
CUT = {"'tis", "'twas", "'twere", "'twill", "'em", "'bout", "'cause", "'til"}
SIGNS = {"&": " and ", "+": " plus ", "=": " equals ", "@": " at ", "%": " percent ", "°": " degrees "}
MONEY = {"$": ("dollar", "cent"), "£": ("pound", "penny"), "€": ("euro", "cent")}


def number(digits):
    """A whole number as it is read out: a year, a count, or digit by digit."""
    if (len(digits) > 1 and digits[0] == "0") or len(digits) > 9:
        return " ".join(num2words(int(digit)) for digit in digits)
    value = int(digits)
    return num2words(value, to="year") if len(digits) == 4 and 1100 <= value <= 2099 else num2words(value)


def amount(match):
    unit, part = MONEY[match[1]]
    whole, _, rest = match[2].replace(",", "").partition(".")
    said = f"{num2words(int(whole))} {unit}{'' if int(whole) == 1 else 's'}"
    if rest and int(rest):
        parts = {"penny": "pence"}.get(part, part + "s")
        said += f" and {num2words(int(rest.ljust(2, '0')[:2]))} {part if int(rest) == 1 else parts}"
    return f" {said} "


def clock(match):
    hour, minute = int(match[1]), int(match[2])
    if not minute:
        return f" {num2words(hour)} o'clock "
    return f" {num2words(hour)} {'oh ' if minute < 10 else ''}{num2words(minute)} "


def decimal(match):
    return f" {num2words(int(match[1].replace(',', '')))} point {' '.join(num2words(int(d)) for d in match[2])} "


def decade(match):
    said = num2words(int(match[1]), to="year")
    return f" {said[:-1]}ies " if said.endswith("y") else f" {said}s "


def spoken(text):
    """The text as it is spoken, or None where it holds letters that are not English."""
    text = unicodedata.normalize("NFKD", text.replace("\u2019", "'").replace("\u2018", "'"))
    text = "".join(c for c in text if not unicodedata.combining(c))
    # Initials (U.S., a.m.) and capitals without a vowel (TV) are spelled.
    text = re.sub(r"\b(?:[A-Za-z]\.){2,}", lambda m: f" {' '.join(m[0].replace('.', ''))} ", text)
    text = re.sub(r"\b[B-DF-HJ-NP-TV-XZ]{2,5}\b", lambda m: " ".join(m[0]), text).lower()
    text = re.sub(r"([$£€])\s?(\d[\d,]*(?:\.\d\d?)?)", amount, text)
    text = re.sub(r"\b(\d{1,2}):(\d\d)\b", clock, text)
    text = re.sub(r"\b(\d{3}0)'?s\b", decade, text)
    text = re.sub(r"\b(\d+)(?:st|nd|rd|th)\b", lambda m: f" {num2words(int(m[1]), to='ordinal')} ", text)
    text = re.sub(r"\b(\d[\d,]*)\.(\d+)", decimal, text)
    text = re.sub(r"\b\d{1,3}(?:,\d{3})+\b", lambda m: f" {num2words(int(m[0].replace(',', '')))} ", text)
    text = re.sub(r"\d+", lambda m: f" {number(m[0])} ", text)
    for sign, said in SIGNS.items():
        text = text.replace(sign, said)
    if any(c.isalpha() and not "a" <= c <= "z" for c in text):
        return None
    words = (word.rstrip("'") if word.rstrip("'") in CUT else word.strip("'")
             for word in re.sub(r"[^a-z' ]", " ", text).split())
    return " ".join(WORDS.get(word, word) for word in words if word)
