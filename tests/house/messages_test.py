"""Every trn_log() in lib/ has a number of its own that stands in doc/messages.md, and the reverse."""

import re

import headers
from report import finish

CALL = re.compile(r"\btrn_log\(\s*\w[\w>.\-]*,\s*(TRNNSF_LOG_\w+),\s*(\w+),")
ROW = re.compile(r"^\| (\d+) \| (\w+) \|", flags=re.M)


def main():
    faults, used = [], {}
    for path in sorted((headers.ROOT / "lib").rglob("*.c")):
        text = headers.without_comments(path.read_text(encoding="utf-8"))
        constants = dict(re.findall(r"\b(MESSAGE_\w+)\s*=\s*(\d+)", text))
        where = path.relative_to(headers.ROOT)
        calls = CALL.findall(text)
        if where.parts[1] != "base" and len(calls) != len(re.findall(r"\btrn_log\(", text)):
            faults.append(f"{where}: a trn_log() call whose level and number are no constants")
        for level, number in calls:
            number = constants.get(number, number)
            if not number.isdigit() or number == "0":
                faults.append(f"{where}: a message without a number ({number})")
            else:
                used[int(number)] = (level.removeprefix("TRNNSF_LOG_").lower(), where)
    listed = {int(number): level for number, level in
              ROW.findall((headers.ROOT / "doc" / "messages.md").read_text(encoding="utf-8"))}
    for number, (level, where) in sorted(used.items()):
        if number not in listed:
            faults.append(f"{where}: message {number} is not in doc/messages.md")
        elif listed[number] != level:
            faults.append(f"{where}: message {number} is {level}, doc/messages.md says {listed[number]}")
    faults += [f"doc/messages.md: no source has message {number}" for number in sorted(set(listed) - set(used))]
    finish(faults, f"{len(used)} messages")


main()
