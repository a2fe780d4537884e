"""Stands in for the binary: writes down how it was called, and answers as it is told to. Ansible takes it for a binary, because of this: \x01."""

import json
import os
import signal
import sys
import time

if sys.argv[1] == "--version":
    sys.exit()
if sys.argv[1] == "-":
    text = sys.stdin.read()
else:
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.read()
    os.remove(sys.argv[1])  # as the binary does
arguments = json.loads(text)
place = os.path.dirname(os.path.abspath(sys.argv[0]))
call = {
    "pid": os.getpid(),
    "argv": sys.argv[1:],
    "arguments": arguments,
    "environment": dict(os.environ),
    "folder": os.getcwd(),
    "place": place,
    "files": sorted(os.listdir(place)),
}
with open(os.environ["CALLS"], "a", encoding="utf-8") as calls:
    calls.write(json.dumps(call) + "\n")

result = {
    "changed": True,
    "msg": "{{ 1 + 1 }}",
    "nested": [{"text": "{{ lookup('ansible.builtin.pipe', 'echo templated') }}"}],
    "warnings": ["a warning"],
    "ansible_facts": {"matrix_access_token": "the token", "another": "unasked"},
}
answer = json.dumps(result)
behaviour = arguments.get("device_id")
if behaviour == "fail":
    answer = json.dumps(result | {"failed": True})
elif behaviour == "skip":
    answer = json.dumps(result | {"skipped": True})
elif behaviour == "noise":
    answer = "noise\n" + answer
    sys.stderr.write("more noise\n")
elif behaviour == "nothing":
    answer = ""
elif behaviour == "list":
    answer = "[1, 2]"
elif behaviour == "twice":
    answer *= 2
elif behaviour == "return_code":
    answer = json.dumps(result | {"rc": 7})
elif behaviour == "latin-1":
    sys.stdout.buffer.write(b'{"changed": false, "msg": "caf\xe9"}')
    answer = ""
elif behaviour == "die":
    sys.stdout.write('{"changed": ')
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)
elif behaviour == "sleep":
    # With what it runs itself, if it is asked to.
    def end(*_: object) -> None:
        open(os.environ["CALLS"] + ".ended", "w").close()
        sys.exit()

    signal.signal(signal.SIGTERM, end)
    time.sleep(600)
sys.stdout.write(answer)
sys.exit(255 if behaviour == "exit_255" else 0)
