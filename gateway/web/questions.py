"""The example questions GraphiQL opens with: a folder for each theme, a file for each question, in the order
of their names."""

from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path

FOLDER = Path(__file__).parent / "questions"
DEMO = "# demo: "


@dataclass(frozen=True)
class Question:
    """A document a newcomer can run as it stands."""

    title: str
    document: str
    variables: str = ""  # JSON, as the variables editor shows it
    theme: str = "Start here"
    demo: str = ""  # whose key shows something on the demo, where it is not that of the page


def about(question: Question) -> str:
    """The first sentence of the comment a document opens with."""
    comment = takewhile(lambda line: line.startswith("#"), question.document.splitlines())
    sentence, _, more = " ".join(line.lstrip("# ") for line in comment).partition(". ")
    return f"{sentence}." if more else sentence


def read(path: Path) -> Question:
    """The question in a file: its first line is the title, the JSON file beside it holds the variables. A
    second line may name the vendor whose demo key shows something."""
    title, _, document = path.read_text(encoding="utf-8").partition("\n")
    demo = ""
    if document.startswith(DEMO):
        demo, _, document = document.removeprefix(DEMO).partition("\n")
    beside = path.with_suffix(".json")
    variables = beside.read_text(encoding="utf-8") if beside.exists() else ""
    theme = path.parent.name.partition("-")[2].replace("-", " ").capitalize()
    return Question(title.lstrip("# ").strip(), document.strip() + "\n", variables, theme, demo)


@cache
def questions() -> tuple[Question, ...]:
    """All questions, sorted by theme and file name."""
    return tuple(read(path) for path in sorted(FOLDER.glob("*/*.graphql")))
