"""How shells complete what stands behind `=` and commas, where click's own scripts lose it: registered where one asks.

bash   takes `=` for the end of a word, so that only what stands behind the last one is put into the line
fish   is given whole values: click's script drops what follows a comma
zsh    looks for a path behind the `=` of an option
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    split_arg_string,
)

if TYPE_CHECKING:
    import click

_BASH = """\
%(complete_func)s() {
    local IFS=$'\\n' reply token before
    reply=$(env COMP_LINE="${COMP_LINE:0:COMP_POINT}" %(complete_var)s=bash_complete $1)
    token="${COMP_LINE:0:COMP_POINT}"
    token="${token##*[[:space:]]}"
    [[ $token == --*=* ]] && token="${token#*=}"
    before=""
    [[ $COMP_WORDBREAKS == *=* && $token == *=* ]] && before="${token%%=*}="
    COMPREPLY=()
    local line type value
    for line in $reply; do
        IFS=',' read -r type value <<< "$line"
        case $type in
            dir) compopt -o dirnames 2>/dev/null ;;
            file) compopt -o default 2>/dev/null ;;
            plain)
                [[ $value == *= ]] && compopt -o nospace 2>/dev/null
                COMPREPLY+=("${value#"$before"}")
                ;;
        esac
    done
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class _Whole(ShellComplete):
    """For shells that put a value in the place of the whole word: `--filter=seve` becomes `--filter=severity=`."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """What may stand in the place of the word."""
        option, equals, _ = incomplete.partition("=")
        found = super().get_completions(args, incomplete)
        if not (equals and option.startswith("--")):
            return found
        return [
            CompletionItem(f"{option}={each.value}", each.type, each.help) if each.type == "plain" else each
            for each in found
        ]


class _Bash(BashComplete):
    source_template = _BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the cursor, and the one at it, of the line as it was typed."""
        line = os.environ["COMP_LINE"]
        words = split_arg_string(line)[1:]
        return (words, "") if not words or line[-1:].isspace() else (words[:-1], words[-1])


class _Zsh(_Whole, ZshComplete):
    source_template = ZshComplete.source_template.replace(
        'completions+=("$key")',
        """if [[ "$key" == *= ]]; then compadd -U -V unsorted -S '' -- "$key"; else completions+=("$key"); fi""",
    ).replace("_path_files -", """[[ "$PREFIX" == --*=* ]] && compset -P 1 '*='; _path_files -""")


class _Fish(_Whole, FishComplete):
    source_template = FishComplete.source_template.replace('string split ","', 'string split --max 1 ","').replace(
        "__fish_complete_path $metadata[2]",
        "set -l option (string match --regex -- '^--[^=]+=' (commandline -t));"
        " __fish_complete_path $metadata[2] | string replace --regex -- '^' \"$option\"",
    )


def script_of(shell: str, command: click.Command, program: str, variable: str) -> str:
    """The script by which bash, zsh or fish completes a program."""
    return _CLASSES[shell](command, {}, program, variable).source()


def register() -> None:
    """Let click complete by these."""
    for name, found in _CLASSES.items():
        add_completion_class(found, name)


_CLASSES: dict[str, type[ShellComplete]] = {"bash": _Bash, "zsh": _Zsh, "fish": _Fish}
