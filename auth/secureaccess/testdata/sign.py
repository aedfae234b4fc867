"""Signs each JSON line of standard input with Python's own hmac, one signature a line."""
import hashlib
import hmac
import json
import sys

for line in sys.stdin.buffer:
    i = json.loads(line)
    key = "MKTO" + i["secret"] + str(i["timestamp"])
    message = i["email"] + i["deviceId"]
    print(hmac.new(key.encode(), message.encode(), hashlib.sha256).hexdigest())
