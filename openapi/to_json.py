#!/usr/bin/env python3
"""Writes posthorn.json beside posthorn.yaml: the same, for those who read no YAML.

    openapi/to_json.py            writes it
    openapi/to_json.py --check    says whether it is as it would be written
"""

import json
import pathlib
import sys

import yaml


class Loader(yaml.SafeLoader):
    """Dates stay the texts that they are."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def main():
    place = pathlib.Path(__file__).parent
    contract = yaml.load((place / "posthorn.yaml").read_text(), Loader)
    text = json.dumps(contract, ensure_ascii=False, indent=1) + "\n"
    target = place / "posthorn.json"
    if "--check" not in sys.argv[1:]:
        target.write_text(text)
    elif not target.exists() or target.read_text() != text:
        print("openapi/posthorn.json is not what openapi/posthorn.yaml says: run make docs",
              file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
