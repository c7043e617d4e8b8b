"""The prompt: lines with completion and history, by prompt_toolkit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import CompleteEvent, Completer, Completion, ThreadedCompleter
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from server.shell.statements import is_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from prompt_toolkit.document import Document

    from server.shell.vocabulary import Vocabulary


class _Members(Completer):
    """Offers what a vocabulary has for the text before the cursor."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:  # noqa: ARG002
        for offer in self.vocabulary.offers(document.text_before_cursor):
            yield Completion(offer.text, start_position=-offer.replaces, display_meta=offer.what)


def open_prompt(name: str, vocabulary: Vocabulary, history: Path | None) -> PromptSession[str]:
    """A prompt that begins with a name; Enter goes on with a new line until a question has its `;`."""
    session: PromptSession[str] = PromptSession(
        f"{name}> ",
        completer=ThreadedCompleter(_Members(vocabulary)),
        complete_while_typing=True,
        auto_suggest=AutoSuggestFromHistory(),
        history=history_in(history),
        prompt_continuation=lambda width, _line, _wrapped: "-> ".rjust(width),
        multiline=Condition(lambda: not is_whole(session.default_buffer.text)),
    )
    return session


def history_in(file: Path | None) -> History:
    """The history in a file that nobody else may read; for this session alone where there is no file, or none can be."""
    if file is None:
        return InMemoryHistory()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        with file.open("ab"):
            pass
    except OSError:
        return InMemoryHistory()
    return FileHistory(file)
