"""The example questions GraphiQL opens with: one file each, in the order of their names."""

from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

FOLDER = Path(__file__).parent / "questions"


@dataclass(frozen=True)
class Question:
    """A document a newcomer can run as it stands."""

    title: str
    document: str
    variables: str = ""  # JSON, as the variables editor shows it


def about(question: Question) -> str:
    """The first sentence of the comment a document opens with."""
    comment = takewhile(lambda line: line.startswith("#"), question.document.splitlines())
    sentence, _, more = " ".join(line.lstrip("# ") for line in comment).partition(". ")
    return f"{sentence}." if more else sentence


def read(path: Path) -> Question:
    """The question in a file: its first line is the title, the JSON file beside it holds the variables."""
    title, _, document = path.read_text(encoding="utf-8").partition("\n")
    beside = path.with_suffix(".json")
    variables = beside.read_text(encoding="utf-8") if beside.exists() else ""
    return Question(title.lstrip("# ").strip(), document.strip() + "\n", variables)


def questions() -> tuple[Question, ...]:
    """All questions, sorted by file name."""
    return tuple(read(path) for path in sorted(FOLDER.glob("*.graphql")))
