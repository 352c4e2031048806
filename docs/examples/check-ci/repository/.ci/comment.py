#!/usr/bin/env python3
"""Put a text under a pull request: once, and renewed in place when it changed. GitHub, Gitea, Forgejo and GitLab.

合并请求下只有一条评论；内容变了就改那一条，没有变就什么也不做。
    comment.py FILE      the text; its first line, an HTML comment, tells the one to renew from others
API     the address of the comments: …/repos/OWNER/NAME/issues/NUMBER/comments, or GitLab's …/merge_requests/NUMBER/notes
TOKEN   may read and write comments. It goes into a header, never onto a command line.
Standard library only.
"""

import json
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path

LIMIT = 65000
"""Characters that all services take."""


def call(method: str, url: str, text: str | None = None) -> object:
    """What the service answers."""
    token = os.environ["TOKEN"]
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept": "application/json",
        "Content-Type": "application/json",
        "User-Agent": "govdata",
    }
    body = None if text is None else json.dumps({"body": text}).encode()
    with urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method), timeout=60) as answer:
        return json.load(answer)


def earlier(api: str, mark: str) -> dict | None:
    """The comment that begins with the mark, wherever it stands among the others."""
    for page in range(1, 51):
        found = call("GET", f"{api}?per_page=100&limit=100&page={page}")
        for comment in found:
            if comment.get("body", "").startswith(mark):
                return comment
        if not found or len(found) < 20:
            break
    return None


def main(name: str) -> int:
    """0: it stands there now."""
    api = os.environ["API"].rstrip("/")
    text = Path(name).read_text(encoding="utf-8")
    mark = text.partition("\n")[0]
    if not mark.startswith("<!--"):
        print(f"{name}: the first line is no mark / 第一行不是标记", file=sys.stderr)
        return 2
    if len(text) > LIMIT:
        text = text[:LIMIT].rpartition("\n")[0] + "\n\n…\n"
    try:
        old = earlier(api, mark)
        if old is None:
            call("POST", api, text)
        elif old["body"].strip() != text.strip():
            # GitLab changes a note by PUT below its merge request, the others a comment by PATCH beside all issues.
            notes = api.endswith("/notes")
            place = f"{api}/{old['id']}" if notes else f"{api.rpartition('/issues/')[0]}/issues/comments/{old['id']}"
            call("PUT" if notes else "PATCH", place, text)
    except (urllib.error.URLError, TimeoutError, ValueError) as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
