"""The command line: every case of a folder into one file of answers; what was refused, on stderr."""

import argparse
import json
import sys
from pathlib import Path

from assays.kernel.reference.folder import answer_folder


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m assays.kernel.reference", description=__doc__)
    parser.add_argument("cases", type=Path, metavar="CASES_FOLDER", help="folder of case files, *.json")
    parser.add_argument("answers", type=Path, metavar="ANSWERS.json", help="file to write")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="folder of the CSV files, if another")
    arguments = parser.parse_args()
    for folder in (arguments.cases, arguments.data):
        if folder is not None and not folder.is_dir():
            parser.error(f"{folder} is no folder.")
    computed = answer_folder(arguments.cases, data=arguments.data, leave_out=arguments.answers)
    text = json.dumps(computed.answers, indent=1, ensure_ascii=False, allow_nan=False)
    try:
        arguments.answers.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        parser.error(f"{arguments.answers} cannot be written: {error.strerror}.")
    for complaint in computed.complaints:
        print(complaint, file=sys.stderr)
    print(f"{len(computed.answers)} cases answered, {len(computed.complaints)} complaints.")
    return 1 if computed.unreadable else 0


if __name__ == "__main__":
    sys.exit(main())
